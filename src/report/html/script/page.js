// Filters, links, copying, the theme, printing: what joins the parts.

function draw() {
  const result = filtered();
  drawMap(result);
  const rules = drawFindings(result);
  const all = data.findings.length + data.rest.reduce((sum, [, counts, runs]) => sum
    + counts.reduce((of, [, states]) => of + states.reduce((one, other) => one + other), 0)
    * runs.reduce((of, [, length]) => of + length, 0), 0);
  find('count').textContent = `${grouped(result.total)} of ${count(all, 'finding')}, ${grouped(rules)} of ${count(data.rules.length, 'rule')}`;
  const picked = find('picked');
  picked.hidden = asked.picked === null;
  picked.textContent = asked.picked === null ? '' : `✕ ${asked.picked.label}`;
  picked.setAttribute('aria-label', asked.picked === null ? '' : `Show all places again, not only ${asked.picked.label}`);
}

/** Takes a cell of the map; the same again gives it back. */
function choose(picked) {
  const again = asked.picked !== null && asked.picked.label === picked.label;
  asked.picked = again ? null : picked;
  draw();
  if (again) return;
  find('findings').scrollIntoView({ block: 'start' });
  find('findings-title').focus({ preventScroll: true });
}

const form = find('filters');
const number = (id) => {
  const value = find(id)?.value ?? '';
  return value === '' ? null : Number(value);
};
function read() {
  asked.text = find('filter-text').value.trim();
  asked.severity = number('filter-severity') ?? 0;
  asked.family = find('filter-family').value;
  asked.place = number('filter-place');
  asked.framework = number('filter-framework');
  form.querySelectorAll('[name=state]').forEach((box) => { asked.states[Number(box.value)] = box.checked; });
  draw();
}
const reset = () => form.reset();
let pending = 0;
form.addEventListener('input', (event) => {
  clearTimeout(pending);
  // Not at every letter: the findings are searched anew.
  pending = setTimeout(read, event.target.id === 'filter-text' ? 150 : 0);
});
form.addEventListener('submit', (event) => event.preventDefault());
form.addEventListener('reset', () => {
  clearTimeout(pending);
  Object.assign(asked, nothing());
  draw();
});
find('picked').addEventListener('click', () => { asked.picked = null; draw(); find('filter-text').focus(); });

function follow() {
  const [, kind, id] = /^#([fr])-(.+)$/.exec(decodeURIComponent(location.hash)) ?? [];
  if (kind === 'f' && !openFinding(id)) find('status').textContent = 'This report lists no such finding.';
  if (kind === 'r') openRule(id);
}
addEventListener('hashchange', follow);
document.addEventListener('click', (event) => {
  const link = event.target.closest('a[href^="#"]');
  // A link to where the page already is changes nothing that could be followed.
  if (link && link.hash === location.hash) follow();
});

/** Where there is no clipboard to write to, the text is selected and copied as a person would. */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = make('textarea', { class: 'hidden', readonly: true });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
}
document.querySelectorAll('.code').forEach((figure) => {
  const name = figure.querySelector('figcaption').textContent;
  figure.querySelector('figcaption').append(make('button', { type: 'button', class: 'copy', 'aria-label': `Copy the ${name} text` }, 'Copy'));
});
document.addEventListener('click', async (event) => {
  const button = event.target.closest('button.copy');
  if (!button) return;
  await copy(button.dataset.text ?? button.closest('.code').querySelector('code').textContent);
  button.focus();
  button.textContent = 'Copied';
  find('status').textContent = 'Copied';
  setTimeout(() => { button.textContent = 'Copy'; find('status').textContent = ''; }, 2000);
});

// A file that is opened from a disk may not be allowed to remember anything.
const remember = (theme) => { try { localStorage.setItem('trailproof-theme', theme); } catch { /* then it is not remembered */ } };
const remembered = () => { try { return localStorage.getItem('trailproof-theme'); } catch { return null; } };
const system = matchMedia('(prefers-color-scheme: dark)');
const isDark = () => (document.documentElement.dataset.theme ?? (system.matches ? 'dark' : 'light')) === 'dark';
const theme = find('theme');
function label() {
  theme.textContent = isDark() ? 'Light' : 'Dark';
  theme.setAttribute('aria-label', isDark() ? 'Use light colours' : 'Use dark colours');
}
theme.addEventListener('click', () => {
  document.documentElement.dataset.theme = isDark() ? 'light' : 'dark';
  remember(document.documentElement.dataset.theme);
  label();
});
system.addEventListener('change', label);
if (['dark', 'light'].includes(remembered())) document.documentElement.dataset.theme = remembered();

// On paper everything is open that a reader would have opened.
let closed = [];
addEventListener('beforeprint', () => {
  let left = PRINTED;
  for (const view of views.filter((each) => !each.node.hidden)) {
    if (!view.node.open) closed.push(view.node);
    view.node.open = true;
    const open = view.matches.filter((index) => data.findings[index][STATE] <= 2).length;
    const printed = Math.min(open, left);
    fill(view, printed);
    left -= printed;
  }
  for (const details of document.querySelectorAll('details:not(.rule)')) {
    if (!details.open) closed.push(details);
    details.open = true;
    unfold(details);
  }
});
addEventListener('afterprint', () => {
  closed.forEach((details) => { details.open = false; });
  closed = [];
});

form.hidden = false;
theme.hidden = false;
label();
draw();
follow();
document.documentElement.dataset.ready = 'yes';
