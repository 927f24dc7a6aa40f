// What the page does in the browser: sliders, CSV file, printed sheet.
window.btl = {
  t: null,
  spread: false,
  slice: 0.5,
  asked: 0,

  async ask(address, body, what) { // send something, and put what comes back on the page
    const mine = ++btl.asked, busy = document.getElementById('btl-busy');
    const old = document.querySelector('#btl-out .btl-results');
    busy.textContent = `Reading ${what} ...`;
    let page = null, why = 'The service cannot be reached.';
    try {
      const answer = await fetch(address, {method: 'POST', body});
      if (answer.ok) page = await answer.text();
      else why = (await answer.json()).detail;
    } catch (e) { /* no answer, or none that can be read */ }
    if (mine !== btl.asked) return; // something else has been asked since
    busy.textContent = '';
    if (page !== null) old.outerHTML = page;
    else {
      const line = Object.assign(document.createElement('p'), {className: 'btl-refused'});
      line.setAttribute('role', 'alert');
      line.textContent = why;
      old.replaceChildren(line);
    }
    if (btl.t !== null) btl.threshold(btl.t);
  },

  async read(input) { // the files of the drop zone
    const form = new FormData(), n = input.files.length;
    if (!n) return;
    for (const file of input.files) form.append('files', file);
    form.append('spread', btl.spread);
    form.append('slice', btl.slice);
    input.value = '';
    await btl.ask('cases', form, n > 1 ? `${n} files` : 'a file');
  },

  example() {
    btl.ask(`example?spread=${btl.spread}&slice=${btl.slice}`, null, 'a simulated scan');
  },

  wilson(k, n) {
    if (!n) return [0, 1];
    const z = 1.959964, p = k/n, d = 1 + z*z/n, c = p + z*z/(2*n);
    const h = z*Math.sqrt(p*(1 - p)/n + z*z/(4*n*n));
    return [(c - h)/d, (c + h)/d];
  },

  share(name, k, n, what) {
    const [a, b] = btl.wilson(k, n), percent = x => Math.round(100*x);
    const span = `${percent(a)} to ${percent(b)}`;
    return `${name} ${percent(k/n)} % (${span}): ${k} of ${n} ${what}. `;
  },

  threshold(v) {
    const evidence = document.getElementById('btl-evidence');
    const exact = evidence && evidence.dataset.exact !== 'None' ? +evidence.dataset.exact : null;
    // the slider has steps, the operating threshold has not
    if (exact !== null && Math.abs(v - exact) < 0.00051) v = exact;
    btl.t = v;
    document.documentElement.style.setProperty('--t', v);
    for (const x of document.querySelectorAll('[data-p]'))
      x.classList.toggle('btl-is-over', +x.dataset.p >= v);
    const at = document.getElementById('btl-at');
    if (!evidence || !at) return;
    const positive = JSON.parse(evidence.dataset.positive);
    const negative = JSON.parse(evidence.dataset.negative);
    const found = positive.filter(p => p >= v).length;
    const spared = negative.filter(p => p < v).length;
    const {sought, others} = evidence.dataset;
    at.textContent = btl.share('Sensitivity', found, positive.length, `${sought} found`)
      + btl.share('Specificity', spared, negative.length, `${others} left in peace`);
  },

  heat(v) {
    document.documentElement.style.setProperty('--heat', v);
  },

  cell(c) { // what a cell of the table means: its value, or the words that are shown
    if (c.dataset.v !== undefined) return c.dataset.v;
    const shown = [...c.querySelectorAll('span')].find(s => s.offsetParent);
    return shown?.innerText ?? c.innerText;
  },

  csv() { // the table with the threshold and the model in every row
    const table = document.getElementById('btl-table');
    const model = document.querySelector('.btl-results').dataset.model;
    // a leading = + @ - would be a formula to a spreadsheet
    const quote = s =>
      '"' + String(s).trim().replace(/"/g, '""').replace(/^([=+@-])/, "'$1") + '"';
    const rows = [...table.rows].map((row, i) =>
      [...row.cells].map(btl.cell).concat(i ? [btl.t ?? '', model] : ['threshold', 'model']));
    const text = rows.map(row => row.map(quote).join(',')).join('\n') + '\n';
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], {type: 'text/csv'}));
    link.download = 'scans.csv';
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  },

  paper(button) { // a copy of the case alone, for the printer
    const sheet = Object.assign(document.createElement('div'), {id: 'btl-sheet'});
    const copy = button.closest('.btl-case').cloneNode(true);
    const at = document.getElementById('btl-at');
    const now = new Date().toISOString().slice(0, 16).replace('T', ' ');
    copy.querySelector('.btl-now').textContent = `Printed ${now} UTC.`;
    copy.querySelector('.btl-then').textContent = btl.t === null ? ''
      : `Threshold ${btl.t.toFixed(3)} on validation scans: ${at ? at.textContent : ''}`;
    document.getElementById('btl-sheet')?.remove();
    sheet.append(copy);
    document.body.append(sheet);
    document.body.classList.add('btl-print');
  },

  print(button) {
    btl.paper(button);
    window.print();
    document.body.classList.remove('btl-print');
    document.getElementById('btl-sheet').remove();
  }
};
document.documentElement.lang = 'en';
