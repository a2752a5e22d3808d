// The table of findings, what is filtered, and small helpers. Text is only ever set as text, never as markup.

const STATES = ['fail', 'unknown', 'waived', 'pass', 'none'];
const WORDS = ['fail', 'unknown', 'waived', 'pass', 'not applicable'];
const SEVERITIES = ['info', 'low', 'medium', 'high', 'critical'];
// Columns of a finding and of a subject.
const [RULE, STATE, SUBJECT, MESSAGE, EVIDENCE, GAPS, WAIVER, FINGERPRINT] = [0, 1, 2, 3, 4, 5, 6, 7];
const [ACCOUNT, REGION, ID, ARN, NAME] = [0, 1, 2, 3, 4];

const data = JSON.parse(document.getElementById('data').textContent);
const grouped = new Intl.NumberFormat('en').format;

const find = (id) => document.getElementById(id);

/** An element with attributes (`on...` are listeners) and children; strings become text. */
function make(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(key, value === true ? '' : value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

const count = (number, noun) => `${grouped(number)} ${noun}${number === 1 ? '' : 's'}`;

// The map's rows: the organization itself, then every account. Its columns: global, then every region.
const ORGANIZATION = 0;
const ROWS = data.accounts.length + 1;
const COLUMNS = data.regions.length + 1;
const rowOf = (rule, account) => (data.rules[rule].organizational || account === null ? ORGANIZATION : account + 1);
const columnOf = (region) => (region === null ? 0 : region + 1);
const rowName = (row) => {
  if (row === ORGANIZATION) return 'Organization';
  const [id, name] = data.accounts[row - 1];
  return name === null ? id : `${name} (${id})`;
};
const columnName = (column) => (column === 0 ? 'global' : data.regions[column - 1]);
const placeOf = (row) => (row === ORGANIZATION ? null : data.accounts[row - 1][2]);
const placeName = (place) => (place === null ? 'place not known' : data.places[place][0]);

/** The place, or one above it, is the wanted one. */
function isWithin(place, wanted) {
  for (let at = place, steps = 0; at !== null && steps <= data.places.length; at = data.places[at][1], steps++) {
    if (at === wanted) return true;
  }
  return false;
}

function whereOf(finding) {
  const [account, region, id, , name] = data.subjects[finding[SUBJECT]];
  const parts = [];
  if (account !== null) parts.push(rowName(account + 1));
  if (region !== null) parts.push(data.regions[region]);
  const shown = name ?? id;
  if (region === null || shown !== data.regions[region]) parts.push(shown);
  return parts.join(' · ');
}

const messageOf = (finding) => finding[MESSAGE] ?? data.rules[finding[RULE]].title;

const nothing = () => ({ text: '', severity: 0, family: '', place: null, framework: null, states: STATES.map(() => true), picked: null });
/** What is asked for. `picked` is a cell of the map: rows and a column, for the list alone. */
const asked = nothing();

const texts = new Map();
function textOf(subject) {
  let text = texts.get(subject);
  if (text === undefined) {
    const [account, region, id, arn, name] = data.subjects[subject];
    const place = account === null ? '' : `${rowName(account + 1)} ${placeName(data.accounts[account][2])}`;
    text = `${place} ${region === null ? 'global' : data.regions[region]} ${id} ${arn ?? ''} ${name ?? ''}`.toLowerCase();
    texts.set(subject, text);
  }
  return text;
}

/** What the filters leave: findings by rule, and counts by row, column and state. */
function filtered() {
  const rules = data.rules.map((rule) => SEVERITIES.indexOf(rule.severity) >= asked.severity
    && (asked.family === '' || rule.family === asked.family)
    && (asked.framework === null || rule.frameworks.includes(asked.framework)));
  const rows = Array.from({ length: ROWS }, (_, row) => asked.place === null
    || (row !== ORGANIZATION && isWithin(placeOf(row), asked.place)));
  const words = asked.text.toLowerCase().split(/\s+/).filter(Boolean);
  const byWord = data.rules.map((rule) => `${rule.id} ${rule.title} ${rule.family}`.toLowerCase());
  const says = (finding) => {
    const of = [byWord[finding[RULE]], textOf(finding[SUBJECT]), (finding[MESSAGE] ?? '').toLowerCase(), finding[FINGERPRINT]];
    return words.every((word) => of.some((text) => text.includes(word)));
  };

  const result = {
    lists: data.rules.map(() => []), listed: 0, total: 0,
    counts: data.rules.map(() => [0, 0, 0, 0, 0]),
    cells: new Uint32Array(ROWS * COLUMNS * 5), worst: new Int8Array(ROWS * COLUMNS).fill(-1),
  };
  const add = (rule, state, account, region, number) => {
    const row = rowOf(rule, account);
    const cell = row * COLUMNS + columnOf(region);
    result.cells[cell * 5 + state] += number;
    if (state === 0) result.worst[cell] = Math.max(result.worst[cell], SEVERITIES.indexOf(data.rules[rule].severity));
    // The account's regions could not be listed: what is unknown is so in each of them.
    const everywhere = state === 1 && region === null && data.rules[rule].subject === 'region';
    for (let column = 1; everywhere && column < COLUMNS; column++) result.cells[(row * COLUMNS + column) * 5 + state] += number;
    if (!isPicked(row, columnOf(region), everywhere)) return false;
    result.counts[rule][state] += number;
    result.total += number;
    return true;
  };
  data.findings.forEach((finding, index) => {
    if (!rules[finding[RULE]] || !asked.states[finding[STATE]]) return;
    const [account, region] = data.subjects[finding[SUBJECT]];
    if (!rows[rowOf(finding[RULE], account)] || (words.length > 0 && !says(finding))) return;
    if (add(finding[RULE], finding[STATE], account, region, 1)) {
      result.lists[finding[RULE]].push(index);
      result.listed++;
    }
  });
  // What is only counted has no text to search.
  if (words.length === 0) {
    for (const [rule, counts, runs] of data.rest) {
      if (!rules[rule]) continue;
      for (const [first, length] of runs) {
        for (let step = 0; step < length; step++) {
          const account = first === null ? null : first + step;
          if (!rows[rowOf(rule, account)]) continue;
          for (const [region, states] of counts) {
            states.forEach((number, state) => number > 0 && asked.states[state] && add(rule, state, account, region, number));
          }
        }
      }
    }
  }
  return result;
}

function isPicked(row, column, everywhere) {
  const { picked } = asked;
  return picked === null || (picked.rows.has(row) && (picked.column === column || everywhere));
}
