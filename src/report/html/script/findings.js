// Findings under their rules: made when a rule is opened, a page at a time.

/** Findings that are added at once. */
const PAGE = 50;
/** Findings that are printed. */
const PRINTED = 1000;

const views = [...document.querySelectorAll('details.rule')].map((node) => {
  const view = { node, rule: Number(node.dataset.rule), list: node.querySelector('.list'), matches: [], shown: 0, stale: true };
  node.addEventListener('toggle', () => node.open && fill(view));
  view.list.replaceChildren();
  return view;
});
const viewOf = new Map(views.map((view) => [view.rule, view]));

function drawFindings(result) {
  let rules = 0;
  for (const view of views) {
    const counts = result.counts[view.rule];
    const any = counts.some((number) => number > 0);
    rules += any;
    view.node.hidden = !any;
    view.matches = result.lists[view.rule];
    view.only = counts.reduce((sum, number) => sum + number, 0) - view.matches.length;
    view.stale = true;
    const states = counts.map((number, state) => number > 0 && make('span', { class: `state ${STATES[state]}` }, `${grouped(number)} ${WORDS[state]}`));
    view.node.querySelector('.counts').replaceChildren(...states.filter(Boolean).flatMap((node) => [' ', node]));
    if (view.node.open) fill(view);
  }
  find('findings-empty').hidden = rules > 0;
  const note = find('findings-note');
  note.hidden = result.total === result.listed;
  note.textContent = `${grouped(result.total - result.listed)} of these are counted but not listed one by one: the JSON report has all.`;
  return rules;
}

/** Puts the first findings into a rule's list, or at least so many. */
function fill(view, least = PAGE) {
  if (!view.stale && view.shown >= Math.min(least, view.matches.length)) return;
  if (view.stale) {
    view.list.replaceChildren();
    view.shown = 0;
    view.stale = false;
  }
  view.list.querySelector('.more')?.remove();
  const upTo = Math.min(Math.max(least, view.shown), view.matches.length);
  view.list.append(...view.matches.slice(view.shown, upTo).map(item));
  view.shown = upTo;
  const left = view.matches.length - view.shown;
  if (left > 0) {
    const press = () => {
      const before = view.shown;
      fill(view, before + PAGE);
      view.list.children[before]?.querySelector('summary').focus();
    };
    view.list.append(make('li', { class: 'more' }, make('button', { type: 'button', onclick: press }, `Show ${grouped(Math.min(PAGE, left))} more of ${grouped(left)}`)));
  } else if (view.only > 0) {
    view.list.append(make('li', { class: 'more soft' }, `${count(view.only, 'further finding')} of this rule are counted, not listed.`));
  }
}

function item(index) {
  const finding = data.findings[index];
  const state = finding[STATE];
  const details = make('details', { class: STATES[state], id: `f-${finding[FINGERPRINT]}`, 'data-index': index },
    make('summary', { class: 'line' },
      make('span', { class: `state ${STATES[state]}` }, WORDS[state]), ' ',
      make('span', { class: 'what' }, make('bdi', {}, messageOf(finding))), ' ',
      make('span', { class: 'where' }, make('bdi', {}, whereOf(finding)))));
  details.addEventListener('toggle', () => details.open && unfold(details));
  return make('li', { class: 'finding' }, details);
}

/** What is known of a finding, made when it is first opened. */
function unfold(details) {
  if (details.dataset.index === undefined || details.querySelector('.body')) return;
  const finding = data.findings[Number(details.dataset.index)];
  const [account, , , arn] = data.subjects[finding[SUBJECT]];
  const body = make('div', { class: 'body' });
  const facts = [];
  if (finding[WAIVER] !== null) {
    const [id, owner, expires, reason, ticket] = data.waivers[finding[WAIVER]];
    facts.push(['Waived', `${reason} (${id}, ${owner}, until ${expires}${ticket ? `, ${ticket}` : ''})`]);
  }
  for (const gap of finding[GAPS]) {
    const [call, reason, detail, inAccount, region, resource] = data.gaps[gap];
    const where = [inAccount, region, resource].filter((part) => part !== null).join(' · ');
    facts.push(['Not read', `${call}: ${reason}${where && ` (${where})`}. ${detail}`]);
  }
  if (account !== null && placeOf(account + 1) !== null) facts.push(['Unit', placeName(placeOf(account + 1))]);
  if (arn !== null) facts.push(['ARN', arn]);
  const command = finding[STATE] === 0 ? commandOf(finding) : null;
  if (command !== null) facts.push(['AWS CLI', command]);
  if (facts.length > 0) {
    body.append(make('dl', { class: 'facts' }, ...facts.map(([name, value]) => make('div', {}, make('dt', {}, name), make('dd', {}, make('bdi', {}, value))))));
  }
  const evidence = data.evidence[finding[EVIDENCE]];
  if (evidence.length > 0) {
    const row = ([path, ...value]) => make('tr', {}, make('th', { scope: 'row' }, make('code', {}, path)),
      make('td', {}, value.length === 0 ? make('span', { class: 'state unknown' }, 'could not be read') : make('code', {}, JSON.stringify(value[0]))));
    body.append(make('table', { class: 'evidence' }, make('caption', {}, 'Facts that decided'),
      make('thead', {}, make('tr', {}, make('th', { scope: 'col' }, 'Fact'), make('th', { scope: 'col' }, 'Value'))),
      make('tbody', {}, ...evidence.map(row))));
  }
  const address = `#f-${finding[FINGERPRINT]}`;
  body.append(make('p', { class: 'soft identity' }, 'Fingerprint ', make('a', { href: address }, make('code', {}, finding[FINGERPRINT])), ' ',
    make('button', { type: 'button', class: 'copy', 'aria-label': 'Copy the fingerprint', 'data-text': finding[FINGERPRINT] }, 'Copy')));
  details.append(body);
}

/** The rule's command with the names that the finding knows; null where there is none, or nothing to put in. */
function commandOf(finding) {
  const figures = [...viewOf.get(finding[RULE]).node.querySelectorAll('figure.code')];
  const code = figures.find((figure) => figure.querySelector('figcaption').textContent.startsWith('AWS CLI'))?.querySelector('code').textContent;
  if (code === undefined) return null;
  const [account, region, id, arn, name] = data.subjects[finding[SUBJECT]];
  const { subject } = data.rules[finding[RULE]];
  const variable = subject === 'organizational_unit' ? 'unit' : subject;
  const values = new Map(data.evidence[finding[EVIDENCE]].filter(([, value]) => typeof value === 'string'));
  if (id !== '*') [['id', id], ['arn', arn], ['name', name ?? id]].forEach(([field, value]) => values.set(`${variable}.${field}`, value));
  values.set('account.id', account === null ? null : data.accounts[account][0]);
  values.set('region.name', region === null ? null : data.regions[region]);
  // Nothing that a shell would read as more than a name.
  const isPlain = (value) => typeof value === 'string' && /^[\w./:@=+,][\w./:@=+,-]*$/.test(value);
  const filled = code.replace(/(\$?)\{([a-z][a-z0-9_.]*)\}/g, (whole, dollar, path) => (dollar === '' && isPlain(values.get(path)) ? values.get(path) : whole));
  return filled === code ? null : filled;
}

/** Opens the finding whose fingerprint begins so, under its rule, even if filters hid it. */
function openFinding(fingerprint) {
  const index = data.findings.findIndex((finding) => finding[FINGERPRINT].startsWith(fingerprint));
  if (fingerprint.length < 8 || index < 0) return false;
  const view = viewOf.get(data.findings[index][RULE]);
  if (!view.matches.includes(index)) reset();
  view.node.open = true;
  fill(view, Math.max(PAGE, view.matches.indexOf(index) + 1));
  const details = find(`f-${data.findings[index][FINGERPRINT]}`);
  details.open = true;
  unfold(details);
  arrive(details, details.querySelector('summary'));
  return true;
}

function openRule(id) {
  const view = views.find((each) => each.node.id === `r-${id}`);
  if (!view) return false;
  if (view.node.hidden) reset();
  view.node.open = true;
  fill(view);
  arrive(view.node, view.node.querySelector('summary'));
  return true;
}

function arrive(node, focus) {
  document.querySelector('.arrived')?.classList.remove('arrived');
  node.classList.add('arrived');
  focus.focus({ preventScroll: true });
  node.scrollIntoView({ block: 'start' });
}
