// Finds targets, domains and units of the editions that the page lists: by code, name, pinyin, unit or area, in the list it holds itself.
document.addEventListener('DOMContentLoaded', () => {
  const place = document.querySelector('.find');
  if (!place) return;
  const [field, status, list] = ['input', '[role=status]', 'ol'].map((part) => place.querySelector(part));
  const { editions, rows } = JSON.parse(place.querySelector('script').textContent);
  const { fold, alike, variants, rank, exact, loose } = matching(status.dataset.also, status.dataset.ends);
  const entries = rows.map(([code, name, pinyin, unit, about, file, held]) => ({
    code, name, unit, about, file, held, key: fold(code), title: fold(name), sounds: pinyin ? pinyin.split(' ') : [],
    bare: fold(code).replace(/^([a-z]+)0+/, '$1').replace(/a$/, ''), alike: pinyin ? alike(pinyin).split(' ') : [],
    rest: fold([unit, about, ...held.map((n) => editions[n].slice(1).join(' '))].join(' ')),
  }));
  const most = 50;

  function link(href, ...content) {
    const made = document.createElement('a');
    made.href = href;
    made.append(...content);
    return made;
  }

  function part(role, text) {
    const made = document.createElement('span');
    made.className = role;
    made.textContent = text;
    return made;
  }

  function line({ code, name, unit, about, file, held: [first, ...others] }) {
    const [folder, area, form] = editions[first];
    const made = document.createElement('li');
    made.append(link(`${folder}/${file}`, ...(code ? [part('code', code)] : []), name));
    if (unit) made.append(part('unit', status.dataset.unit.replace('{unit}', unit)));
    made.append(part('about', `${area} ${form} \u00b7 ${about}`));
    if (others.length) {
      const rest = part('others', status.dataset.others);
      others.forEach((n) => rest.append(' ', link(`${editions[n][0]}/${file}`, editions[n][2])));
      made.append(rest);
    }
    return made;
  }

  function find() {
    const words = fold(field.value).replace(/([\u4e00-\u9fff])([a-z])/g, '$1 $2').replace(/([a-z])([\u4e00-\u9fff])/g, '$1 $2').split(/\s+/).filter(Boolean).map(variants);
    const ranked = (how) => entries.map((e) => [words.reduce((sum, forms) => sum + rank(e, forms, how), 0), e])
      .filter(([s]) => words.length && isFinite(s)).sort((a, b) => a[0] - b[0]);
    const strict = ranked(exact); // what has the words as they stand; only where nothing has, what comes near
    const found = strict.length ? strict : ranked((e, word) => { const n = exact(e, word); return isNaN(n) ? loose(e, word) : n; });
    list.replaceChildren(...found.slice(0, most).map(([, entry]) => line(entry)));
    const told = !words.length ? '' : status.dataset[found.length > most ? 'many' : found.length ? 'some' : 'none'];
    status.textContent = told.replace('{count}', found.length).replace('{shown}', most);
    history.replaceState(null, '', field.value.trim() ? `#?find=${encodeURIComponent(field.value.trim())}` : '#');
  }

  const links = () => [...list.querySelectorAll('li > a')];
  field.addEventListener('input', find);
  place.addEventListener('keydown', (e) => {
    const at = links().indexOf(document.activeElement);
    if (e.key === 'Escape') { field.value = ''; find(); field.focus(); }
    if (e.key === 'Enter' && e.target === field && !e.isComposing) links()[0]?.click();
    if (e.key === 'ArrowDown' && !e.isComposing) { (links()[at + 1] || field).focus(); e.preventDefault(); }
    if (e.key === 'ArrowUp' && at >= 0) { (links()[at - 1] || field).focus(); e.preventDefault(); }
  });

  function enter() { // what is hidden until the font is there takes no keys
    if (document.documentElement.classList.contains('waiting')) requestAnimationFrame(enter);
    else field.focus();
  }

  function recall() {
    if (location.hash === '#find') enter();
    if (!location.hash.startsWith('#?find=')) return;
    field.value = new URLSearchParams(location.hash.slice(2)).get('find');
    find();
  }

  addEventListener('hashchange', recall);
  recall();
});
