"""Checks of the HTML report in a browser: `checks.py CHECK SCENE HTML JSON SCREENSHOTS BROWSER`.

A check is a function of this file. It gets the open page and the same report as JSON, and asserts what a reader would
notice.
"""

import json
import re
import sys
import time
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

# Reports violations of the page's policy, which Chromium does not always write to the console.
WATCH = """addEventListener('securitypolicyviolation',
    (event) => console.error('policy: ' + event.violatedDirective + ' ' + event.blockedURI));"""
# Nothing may be drawn beside the page's width.
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

# Filters once more, and says how many milliseconds that took.
AGAIN = """() => new Promise((done) => {
    const from = performance.now();
    document.getElementById('filters').dispatchEvent(new Event('input'));
    setTimeout(() => done(performance.now() - from), 0);
})"""


class Visit:
    """A browser at the report."""

    def __init__(self, browser, scene, html, report, screenshots):
        self.browser, self.scene, self.html, self.report, self.screenshots = browser, scene, html, report, screenshots
        self.complaints = []

    def open(self, width=1440, height=900, scheme="light", scripts=True, hash=""):
        context = self.browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, java_script_enabled=scripts,
            reduced_motion="reduce", permissions=["clipboard-read", "clipboard-write"])
        page = context.new_page()
        page.set_default_timeout(20_000)
        if scripts:
            page.add_init_script(WATCH)
        page.on("console", lambda message: self.complaints.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("dialog", lambda dialog: self.complaints.append(f"dialog: {dialog.message}"))
        address = self.html.as_uri()
        page.on("request", lambda request: request.url.split("#")[0] in (address, "data:,")
                or self.complaints.append(f"request: {request.url}"))
        page.goto(address + hash)
        if scripts:
            page.wait_for_selector("html[data-ready=yes]", state="attached")
        return page

    def screenshot(self, page, name, **options):
        page.screenshot(path=self.screenshots / f"{self.scene}-{name}.png", **options)


def shown(page):
    """How many findings and rules are shown, as the page says to everyone."""
    text = page.locator("#count").inner_text()
    numbers = [int(number.replace(",", "")) for number in re.findall(r"[\d,]*\d", text)]
    return numbers[0], numbers[2]


def settle(page):
    """Typing is answered a moment later."""
    page.wait_for_timeout(300)


def listed(page):
    return sum(int(text.split()[0].replace(",", ""))
               for text in page.locator("details.rule:visible .counts .state").all_inner_texts())


def expect(page, findings, what):
    settle(page)
    rules = len({finding["rule_id"] for finding in findings})
    assert shown(page) == (len(findings), rules), f"{what}: {shown(page)}, expected {len(findings)}, {rules}"
    assert listed(page) == len(findings), f"{what}: the rules list {listed(page)} of {len(findings)}"


def filters(visit):
    page, findings = visit.open(), visit.report["findings"]
    rules = {rule["id"]: rule for rule in visit.report["rules"]}
    expect(page, findings, "no filter")

    page.get_by_label("Severity").select_option(label="high and worse")
    high = [it for it in findings if it["severity"] in ("high", "critical")]
    expect(page, high, "high and worse")
    page.get_by_label("Family").select_option("trail")
    trail = [it for it in high if rules[it["rule_id"]]["family"] == "trail"]
    expect(page, trail, "high and worse of trail")
    for word in ("pass", "not applicable"):
        page.get_by_role("checkbox", name=word, exact=True).uncheck()
    expect(page, [it for it in trail if it["verdict"] in ("fail", "unknown")], "open ones of these")
    page.get_by_role("button", name="Reset filters").click()
    expect(page, findings, "reset")

    framework = next(it for it in visit.report["frameworks"] if it["id"] == "cis-aws-foundations-7.0")
    page.get_by_role("combobox", name="Framework").select_option(label=f"{framework['name']} {framework['version']}")
    tells = {rule for control in framework["controls"] for rule in control["rules"]}
    assert tells and tells != set(rules)
    expect(page, [it for it in findings if it["rule_id"] in tells], "a framework")
    page.get_by_role("button", name="Reset filters").click()

    page.get_by_label("Search").fill("payments-legacy-trail")
    settle(page)
    number, _ = shown(page)
    assert 0 < number < 100, f"{number} findings name the bucket"
    page.get_by_label("Search").fill("no such thing anywhere")
    settle(page)
    assert shown(page) == (0, 0)
    assert page.get_by_text("No finding matches the filters.").is_visible()
    page.get_by_role("button", name="Reset filters").click()

    page.get_by_label("Unit").select_option(label="Workloads / Production")
    settle(page)
    heads = page.locator("#map-table tbody th.unit").all_inner_texts()
    assert heads and all("Workloads / Production" in head for head in heads), heads
    assert any("Payments" in head for head in heads), "a unit holds the units below it"
    assert "400000000001" in page.locator("#map-table").inner_text()


def map(visit):
    page, findings = visit.open(), visit.report["findings"]
    cell = page.get_by_role("button", name=re.compile(r"^payments-prod \(400000000001\), eu-west-1: "))
    cell.click()
    here = [it for it in findings
            if it["subject"]["account_id"] == "400000000001" and it["subject"]["region"] == "eu-west-1"]
    expect(page, here, "a cell")
    assert cell.get_attribute("aria-pressed") == "true"
    fails = sum(it["verdict"] == "fail" for it in here)
    assert f"{fails} fail" in cell.get_attribute("aria-label"), cell.get_attribute("aria-label")
    # The count is of all failures; the letter and the words are of the worst among them.
    order = ["info", "low", "medium", "high", "critical"]
    worst = max((it["severity"] for it in here if it["verdict"] == "fail"), key=order.index)
    assert cell.get_attribute("aria-label").endswith(f", worst {worst}"), cell.get_attribute("aria-label")
    page.get_by_role("button", name="Show all places again").click()
    expect(page, findings, "all places again")

    unit = page.get_by_role("button", name=re.compile("^Sandbox 1"))
    assert unit.get_attribute("aria-expanded") == "true"
    unit.press("Enter")
    assert page.get_by_role("button", name=re.compile("^Sandbox 1")).get_attribute("aria-expanded") == "false"
    assert page.locator("#map-table th.account", has_text="sandbox-anna").count() == 0
    assert page.evaluate("document.activeElement.textContent").startswith("Sandbox"), "the focus stays"

    page.locator("#map-table .target[tabindex='0']").focus()
    label = "document.activeElement.getAttribute('aria-label')"
    first = page.evaluate(label)
    for key in ("ArrowDown", "ArrowRight", "ArrowUp", "ArrowLeft"):
        page.keyboard.press(key)
        assert page.evaluate(label) is not None, key
    assert page.evaluate(label) == first
    page.keyboard.press("End")
    assert "us-east-1" in page.evaluate(label)


def unknown(visit):
    page, findings = visit.open(), visit.report["findings"]
    assert not visit.report["complete"]
    assert "not complete" in page.locator(".verdict").inner_text()
    # The account that could not be entered: its regions were never asked.
    row = page.locator("#map-table tr", has=page.locator("th.account", has_text="400000000014"))
    classes = [cell.get_attribute("class") for cell in row.locator("td").all()]
    assert classes and all("pass" not in name and "none" not in name.split() for name in classes), classes
    # Nothing that holds an unknown is green.
    for cell in page.locator("#map-table td.pass .target").all():
        assert "unknown" not in cell.get_attribute("aria-label"), cell.get_attribute("aria-label")
    for name in ("fail", "waived", "pass", "not applicable"):
        page.get_by_role("checkbox", name=name, exact=True).uncheck()
    expect(page, [it for it in findings if it["verdict"] == "unknown"], "unknown ones")
    rule = page.locator("details.rule:visible").first
    rule.locator("summary").first.click()
    rule.locator(".finding summary").first.click()
    assert "Not read" in rule.locator(".finding .body").first.inner_text()


def hostile(visit):
    for scripts in (True, False):
        page = visit.open(scripts=scripts)
        if scripts:
            page.evaluate("() => document.querySelectorAll('details.rule').forEach((node) => { node.open = true; })")
            page.wait_for_selector(".finding details", state="attached")
            page.evaluate("() => document.querySelectorAll('details').forEach((node) => { node.open = true; })")
            page.wait_for_selector(".finding .body", state="attached")
            page.get_by_label("Search").fill("<img src=x")
            settle(page)
            assert shown(page)[0] > 0, "hostile names are found by what they are"
            assert page.evaluate("window.ran") is None
            assert page.evaluate("document.querySelectorAll('img, iframe, object, embed, main style, [onerror], [onmouseover], [onfocus]').length") == 0
            steering = "[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u200b-\\u200f\\u202a-\\u202e\\u2066-\\u2069\\ufeff]"
            assert page.evaluate(f"document.body.innerText.search(/{steering}/u)") == -1
            page.get_by_role("button", name="Reset filters").click()
        text = page.locator("main").inner_text()
        assert "<img src=x onerror=" in text, "names are shown as they are"
        assert "\\u{202e}gnp.exe" in text, "what would turn text around is spelled out"
        assert page.locator("script").count() == 2, "the page's own, and no other"


def keyboard(visit):
    page = visit.open()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#findings"

    page.locator("details.rule:visible > summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("details.rule:visible").first.get_attribute("open") is not None
    page.locator(".finding summary").first.focus()
    page.keyboard.press("Enter")
    # What is known of a finding is drawn when the browser tells of its opening, a moment after the key.
    page.locator(".finding .body").first.wait_for(state="visible")

    # Everything that can be used is come by, in the order of the page, and the focus is seen.
    page.evaluate("""() => {
        document.activeElement.blur();
        window.usable = [...document.querySelectorAll('a[href], button, input, select, summary, [tabindex="0"]')]
            .filter((node) => node.tabIndex >= 0 && node.checkVisibility({ contentVisibilityAuto: true, visibilityProperty: true }));
        window.reached = new Set();
        window.unseen = [];
        addEventListener('focusin', (event) => {
            reached.add(event.target);
            const style = getComputedStyle(event.target);
            if (style.outlineStyle === 'none' || style.outlineWidth === '0px') unseen.push(event.target.outerHTML.slice(0, 200));
        });
    }""")
    page.evaluate("document.querySelector('.skip').focus()")
    for _ in range(page.evaluate("usable.length")):
        page.keyboard.press("Tab")
    page.evaluate("reached.add(document.querySelector('.skip'))")
    missed = page.evaluate("usable.filter((node) => !reached.has(node)).map((node) => node.outerHTML.slice(0, 200))")
    assert not missed, f"{len(missed)} were not reached: {missed[:5]}"
    unseen = page.evaluate("unseen")
    assert not unseen, f"the focus is not seen: {unseen[:5]}"
    assert page.evaluate("reached.size") > 100


def deep_link(visit):
    fingerprints = [it["fingerprint"] for it in visit.report["findings"]]
    finding = next(it for it in visit.report["findings"] if it["rule_id"] == "trail-log-file-validation" and it["verdict"] == "fail")
    page = visit.open(hash=f"#f-{finding['fingerprint']}")
    details = page.locator(f"#f-{finding['fingerprint']}")
    assert details.get_attribute("open") is not None
    assert finding["message"] in details.inner_text()
    for fact in finding["evidence"]:
        assert fact["path"] in details.inner_text()
    # The command has the names that the finding knows.
    assert finding["subject"]["arn"] in details.locator("dl.facts").inner_text()
    assert "{trail." not in details.locator("dl.facts").inner_text()
    box = details.bounding_box()
    bars = page.locator("#filters").bounding_box()
    assert box["y"] >= bars["y"] + bars["height"] - 1 or box["y"] > bars["y"], "not under the filters"
    assert 0 <= box["y"] < 900, f"in view: {box}"

    # What filters hide is opened all the same, and one far down a long list too.
    page.get_by_label("Search").fill("no such thing")
    settle(page)
    last = [it for it in visit.report["findings"] if it["rule_id"] == "trail-coverage"][-1]["fingerprint"]
    page.evaluate(f"location.hash = '#f-{last}'")
    page.wait_for_selector(f"#f-{last}[open]")
    assert shown(page)[0] == len(fingerprints)
    # From the guardrails, and from a framework's control.
    page.locator(".matrix .cell.fail a").first.click()
    page.locator("details.arrived .body").wait_for(state="visible")
    page.evaluate("location.hash = '#r-trail-kms'")
    page.wait_for_selector("#r-trail-kms[open]")
    page.evaluate("location.hash = '#f-00000000000000000000000000000000'")
    page.wait_for_function("document.getElementById('status').textContent.includes('no such finding')")


def copying(visit):
    page = visit.open()
    page.evaluate("location.hash = '#r-trail-log-file-validation'")
    rule = page.locator("#r-trail-log-file-validation")
    for name in ("AWS CLI", "Terraform"):
        figure = rule.locator("figure", has_text=name)
        button = figure.get_by_role("button")
        button.click()
        page.wait_for_function("button => button.textContent === 'Copied'", arg=button.element_handle())
        assert page.evaluate("navigator.clipboard.readText()") == figure.locator("code").inner_text()
    # Where the browser gives no clipboard, it still says the truth.
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('denied')); }")
    rule.locator("figure", has_text="AWS CLI").get_by_role("button").click()
    settle(page)
    assert page.evaluate("navigator.clipboard.readText()") == rule.locator("figure", has_text="AWS CLI").locator("code").inner_text()


def looks(visit):
    for width, height in ((1440, 900), (390, 844)):
        for scheme in ("light", "dark"):
            page = visit.open(width, height, scheme)
            visit.screenshot(page, f"{width}-{scheme}")
            assert page.evaluate(OVERFLOW) <= 0, f"{width} pixels, {scheme}: wider than the window"
            rule = page.locator("details.rule:visible").first
            rule.locator("summary").first.click()
            rule.locator(".finding summary").first.click()
            for framework in page.locator(".framework summary").all()[:2]:
                framework.click()
            for gap in page.locator(".gaps summary").all()[:3]:
                gap.click()
            assert page.evaluate(OVERFLOW) <= 0, f"{width} pixels, {scheme}, unfolded: wider than the window"
            for section in ("map", "findings", "guardrails", "frameworks", "gaps"):
                page.evaluate(f"document.getElementById('{section}').scrollIntoView()")
                visit.screenshot(page, f"{width}-{scheme}-{section}")
            visit.screenshot(page, f"{width}-{scheme}-whole", full_page=True)

    dark = "getComputedStyle(document.body).backgroundColor"
    page = visit.open(scheme="light")
    before = page.evaluate(dark)
    page.get_by_role("button", name="Use dark colours").click()
    assert page.evaluate(dark) != before
    page.get_by_role("button", name="Use light colours").click()
    assert page.evaluate(dark) == before
    assert visit.open(scheme="dark").evaluate(dark) != before, "as the system asks"


def printing(visit):
    page = visit.open()
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.locator("#filters").is_visible() and not page.locator(".bar").is_visible()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    failing = [it for it in visit.report["findings"] if it["verdict"] == "fail"]
    text = re.sub(r"\s+", " ", page.locator("#findings").inner_text())
    missing = [it["message"] for it in failing if it["message"] not in text]
    assert not missing, f"{len(missing)} failures are not printed: {missing[:3]}"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details[open]").count() == 0, "all is closed again"
    path = visit.screenshots / f"{visit.scene}.pdf"
    page.pdf(path=path, format="A4")
    pdf = path.read_bytes()
    assert pdf.startswith(b"%PDF") and pdf.count(b"/Type /Page") > 5


def accessible(visit):
    for width, scheme in ((1440, "light"), (1440, "dark"), (390, "light")):
        page = visit.open(width, 900, scheme)
        rule = page.locator("details.rule:visible").first
        rule.locator("summary").first.click()
        rule.locator(".finding summary").first.click()
        page.locator(".framework summary").first.click()
        results = Axe().run(page).response
        assert len(results["passes"]) > 20, "the checks ran"
        serious = [it for it in results["violations"] if it["impact"] in ("serious", "critical")]
        told = [(it["id"], it["help"], [node["html"][:200] + " | " + node["failureSummary"][:300] for node in it["nodes"][:3]]) for it in serious]
        assert not serious, f"{width} {scheme}: {json.dumps(told, indent=1)}"
        for it in results["violations"]:
            print(f"accessibility, {width} {scheme}, {it['impact']}: {it['id']}, {it['help']}")


def without_scripts(visit):
    page = visit.open(scripts=False)
    assert page.get_by_role("heading", name="Accounts and regions", exact=True).is_visible()
    assert not page.locator("#filters").is_visible() and not page.locator("#theme").is_visible()
    assert page.locator("button:visible").count() == 0, "nothing that would not work"
    for row in visit.report["frameworks"]:
        assert page.get_by_role("heading", name=f"{row['name']} {row['version']}").is_visible()
    worst = next(it for it in visit.report["findings"] if it["severity"] == "critical" and it["verdict"] == "fail")
    rule = page.locator(f"#r-{worst['rule_id']}")
    rule.locator("summary").first.click()
    assert worst["message"] in rule.inner_text()
    assert "What to do" in rule.inner_text()
    assert page.locator("#map-table td.unknown").count() > 0
    visit.screenshot(page, "without-scripts", full_page=True)


def many(visit):
    number = len(visit.report["findings"])
    assert number >= 20_000, number
    began = time.monotonic()
    page = visit.open()
    opened = time.monotonic() - began
    assert shown(page)[0] == number
    took = {}
    for name, act in {
        "a severity": lambda: page.get_by_label("Severity").select_option(label="high and worse"),
        "a verdict": lambda: page.get_by_role("checkbox", name="pass", exact=True).uncheck(),
        "a search": lambda: page.get_by_label("Search").fill("workload eu-west"),
    }.items():
        before = shown(page)
        act()
        settle(page)
        assert shown(page) != before, name
        took[name] = page.evaluate(AGAIN)
    page.get_by_role("button", name="Reset filters").click()
    rows = page.locator("#map-table tbody tr").count()
    assert rows < 200, f"the map has {rows} rows: folded by unit, unfolded a part at a time"
    page.locator("details.rule:visible > summary").first.click()
    assert page.locator(".finding").count() <= 50, "a page at a time"
    last = visit.report["findings"][-1]["fingerprint"]
    page.evaluate(f"location.hash = '#f-{last}'")
    page.wait_for_selector(f"#f-{last}[open]")
    filtered = ", ".join(f"{name} {milliseconds:.0f} ms" for name, milliseconds in took.items())
    size = visit.html.stat().st_size / 1e6
    print(f"html: {number} findings, {size:.1f} MB, usable after {opened * 1000:.0f} ms; filtered: {filtered}")


def counted(visit):
    """What a larger report only counts stands in the page's numbers all the same."""
    page = visit.open()
    whole = labels(page), shown(page)
    before, table, after = re.split(r'(?<=id="data">)(.*?)(?=</script>)', visit.html.read_text(encoding="utf-8"), maxsplit=1)
    data = json.loads(table)
    open_ones = [it for it in data["findings"] if it[1] <= 2]
    for rule, state, subject, *_ in (it for it in data["findings"] if it[1] > 2):
        account, region, *_ = data["subjects"][subject]
        data["rest"].append([rule, [[region, [int(place == state) for place in range(5)]]], [[account, 1]]])
    data["findings"] = open_ones
    visit.html.write_text(before + json.dumps(data).replace("<", "\\u003c") + after, encoding="utf-8")

    page = visit.open()
    assert (labels(page), shown(page)) == whole
    passes = visit.report["summary"]["by_verdict"]["pass"] + visit.report["summary"]["by_verdict"]["not_applicable"]
    assert page.get_by_text(f"{passes:,} of these are counted but not listed").is_visible()
    page.get_by_label("Search").fill("trail")
    settle(page)
    assert page.get_by_text("While you search, the map counts the findings that are listed").is_visible()
    page.get_by_role("button", name="Reset filters").click()
    page.get_by_role("checkbox", name="pass", exact=True).uncheck()
    settle(page)
    without = [it for it in visit.report["findings"] if it["verdict"] != "pass"]
    expect(page, without, "all but what passes")


def labels(page):
    return page.evaluate("[...document.querySelectorAll('#map-table .target')].map((node) => node.getAttribute('aria-label'))")


def main():
    name, scene, html, report, screenshots, browser = sys.argv[1:]
    report = json.loads(Path(report).read_text(encoding="utf-8"))
    with sync_playwright() as playwright:
        # Chromium's own sandbox does not start as root, which containers often are.
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        visit = Visit(chromium, scene, Path(html), report, Path(screenshots))
        try:
            globals()[name](visit)
        finally:
            print(*visit.complaints[:10], sep="\n")
            chromium.close()
    assert not visit.complaints, "the page complained, see above"


main()
