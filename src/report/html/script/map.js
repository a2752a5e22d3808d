// The map of accounts and regions: folded by organizational unit, unfolded on demand, walked with the arrow keys.

/** Accounts that are drawn of an unfolded unit, and with each further press. */
const ACCOUNTS = 100;
/** So many accounts are unfolded from the start. */
const FEW = 40;

const groups = new Map();
for (let row = 1; row < ROWS; row++) {
  const place = placeOf(row);
  if (!groups.has(place)) groups.set(place, []);
  groups.get(place).push(row);
}
const order = [...groups.keys()].sort((one, other) => (one ?? Infinity) - (other ?? Infinity));
/** How many accounts of each unfolded unit are drawn. */
const unfolded = new Map(ROWS <= FEW ? order.map((place) => [place, ACCOUNTS]) : []);
let drawn = null;

function tallied(rows, column, result) {
  const counts = [0, 0, 0, 0, 0];
  let worst = -1;
  for (const row of rows) {
    const cell = row * COLUMNS + column;
    for (let state = 0; state < 5; state++) counts[state] += result.cells[cell * 5 + state];
    worst = Math.max(worst, result.worst[cell]);
  }
  return { counts, worst };
}

function cell(name, rows, column, result) {
  const { counts, worst } = tallied(rows, column, result);
  const state = counts.findIndex((number) => number > 0);
  const severity = state === 0 ? SEVERITIES[worst] : '';
  const words = counts.map((number, at) => (number > 0 ? `${grouped(number)} ${WORDS[at]}` : '')).filter(Boolean).join(', ');
  const label = `${name}, ${columnName(column)}: ${words || 'nothing checked'}${severity && `, worst ${severity}`}`;
  const number = grouped(counts[Math.max(state, 0)]);
  const shown = { 0: `${severity.charAt(0).toUpperCase()} ${number}`, 1: `? ${number}`, 2: `w ${number}`, 3: '✓' }[state] ?? '–';
  const mark = state === 0 && counts[1] > 0 ? make('sup', {}, '?') : null;
  const node = make('td', { class: `cell ${STATES[state] ?? 'none'} ${severity}`, title: label });
  if (words === '') {
    node.append(make('span', { tabindex: -1, class: 'target', 'aria-label': label, role: 'img' }, shown));
  } else {
    const pressed = asked.picked !== null && asked.picked.label === `${name}, ${columnName(column)}`;
    const pick = () => choose({ rows: new Set(rows), column, label: `${name}, ${columnName(column)}` });
    node.append(make('button', { type: 'button', tabindex: -1, class: 'target', 'aria-label': label, 'aria-pressed': String(pressed), onclick: pick }, shown, mark));
  }
  return node;
}

function mapRow(head, name, rows, columns, result) {
  return make('tr', {}, head, ...columns.map((column) => cell(name, rows, column, result)));
}

const total = (row, result, states) => {
  let sum = 0;
  for (let column = 0; column < COLUMNS; column++) {
    for (const state of states) sum += result.cells[(row * COLUMNS + column) * 5 + state];
  }
  return sum;
};

function drawMap(result) {
  drawn = result;
  const table = find('map-table');
  const columns = Array.from({ length: COLUMNS }, (_, column) => column);
  const bodies = [];
  if (total(ORGANIZATION, result, [0, 1, 2, 3, 4]) > 0) {
    const head = make('th', { scope: 'row' }, 'Organization ', make('small', {}, 'policies and settings'));
    bodies.push(make('tbody', {}, mapRow(head, 'Organization', [ORGANIZATION], columns, result)));
  }
  for (const place of order) {
    const rows = groups.get(place).filter((row) => total(row, result, [0, 1, 2, 3, 4]) > 0);
    if (rows.length === 0) continue;
    const shown = unfolded.get(place) ?? 0;
    const toggle = () => {
      if (shown > 0) unfolded.delete(place); else unfolded.set(place, ACCOUNTS);
      redrawAt(place);
    };
    const button = make('button', { type: 'button', class: 'fold', 'aria-expanded': String(shown > 0), 'data-place': String(place), onclick: toggle },
      make('bdi', {}, placeName(place)), ' ', make('small', {}, count(rows.length, 'account')));
    const body = make('tbody', {}, mapRow(make('th', { scope: 'row', class: 'unit' }, button), placeName(place), rows, columns, result));
    if (shown > 0) {
      const worstFirst = rows.map((row) => [row, total(row, result, [0]), total(row, result, [1])])
        .sort((one, other) => other[1] - one[1] || other[2] - one[2] || one[0] - other[0]);
      for (const [row] of worstFirst.slice(0, shown)) {
        const [id, name] = data.accounts[row - 1];
        // A long name never pushes the number away, which nobody can choose.
        const head = make('th', { scope: 'row', class: 'account', title: rowName(row) },
          make('div', { class: 'named' }, make('bdi', {}, name ?? id), name === null ? null : make('small', {}, id)));
        body.append(mapRow(head, rowName(row), [row], columns, result));
      }
      if (rows.length > shown) {
        const more = make('button', { type: 'button', class: 'fold', onclick: () => { unfolded.set(place, shown + ACCOUNTS); redrawAt(place); } },
          `Show ${grouped(Math.min(ACCOUNTS, rows.length - shown))} more of ${grouped(rows.length)}`);
        body.append(make('tr', {}, make('th', { scope: 'row', class: 'account' }, more), make('td', { colspan: COLUMNS, class: 'none' })));
      }
    }
    bodies.push(body);
  }
  if (bodies.length === 0) bodies.push(make('tbody', {}, make('tr', {}, make('th', { scope: 'row' }, 'Nothing matches the filters.'))));
  table.querySelectorAll('tbody').forEach((body) => body.remove());
  table.append(...bodies);
  const first = table.querySelector('.target');
  if (first) first.tabIndex = 0;
  const note = find('map-note');
  note.hidden = !(data.rest.length > 0 && asked.text !== '');
  note.textContent = 'While you search, the map counts the findings that are listed below, not those that are only counted.';
}

function redrawAt(place) {
  drawMap(drawn);
  find('map-table').querySelector(`[data-place="${place}"]`)?.focus();
}

/** One stop for the tabulator; the arrow keys, Home and End walk from cell to cell. */
find('map-table').addEventListener('keydown', (event) => {
  const from = event.target.closest('.target');
  if (!from) return;
  const here = from.closest('td');
  const line = here.parentElement;
  const lines = [...find('map-table').querySelectorAll('tbody tr')].filter((row) => row.querySelector('.target'));
  const at = (row, column) => row?.children[Math.min(Math.max(column, 1), row.children.length - 1)];
  const to = {
    ArrowRight: () => at(line, here.cellIndex + 1),
    ArrowLeft: () => at(line, here.cellIndex - 1),
    ArrowDown: () => at(lines[lines.indexOf(line) + 1], here.cellIndex),
    ArrowUp: () => at(lines[lines.indexOf(line) - 1], here.cellIndex),
    Home: () => at(line, 1),
    End: () => at(line, line.children.length - 1),
  }[event.key]?.()?.querySelector('.target');
  if (!to) return;
  event.preventDefault();
  from.tabIndex = -1;
  to.tabIndex = 0;
  to.focus();
});
