// How a word that was typed matches a name: as it stands, as it sounds, as others call it, or nearly. Words come from the page.
const matching = (called, ends) => {
  // one form of what can be typed in several ways: width, capitals, tones, and v for u with dots
  const fold = (text) => text.normalize('NFKC').toLowerCase().replace(/[\u00fc\u01d6\u01d8\u01da\u01dc]/g, 'v').normalize('NFD').replace(/[\u0300-\u036f]/g, '').normalize('NFC');
  const also = fold(called).split(';').map((line) => line.split(/[=|]/));
  const ending = new RegExp(`^(..+?)(${fold(ends)})$`);
  // sounds that many do not tell apart: zh and z, ing and in, l and n
  const alike = (text) => text.replace(/([zcs])h/g, '$1').replace(/ng/g, 'n').replace(/l/g, 'n');

  // every syllable gives its beginning or all of itself: chanfu, cf and chanf all find what is written chan fu;
  // with gaps some may be passed over
  function spelt(sounds, from, word, gaps) {
    if (word === '') return true;
    if (from === sounds.length) return false;
    for (let k = Math.min(sounds[from].length, word.length); k > 0; k -= 1) {
      if (sounds[from].startsWith(word.slice(0, k)) && spelt(sounds, from + 1, word.slice(k), gaps)) return true;
    }
    return gaps && spelt(sounds, from + 1, word, gaps);
  }
  const begins = (sounds, word, gaps) => sounds.some((s, i) => s[0] === word[0] && spelt(sounds, i, word, gaps));

  // a word in whole syllables, which is meant rather than one that only begins so: canji is can ji before can jia
  function written(sounds, word) {
    return sounds.some((_, i) => {
      let so = '';
      for (let k = i; k < sounds.length && so.length < word.length; k += 1) so += sounds[k];
      return so === word;
    });
  }

  // how far apart the characters of a word stand in a name that has them in this order; undefined where it has not
  function spread(title, word) {
    const ends = (from) => [...word.slice(1)].reduce((at, c) => (at < 0 ? at : title.indexOf(c, at + 1)), from);
    const apart = [...title].map((c, i) => (c === word[0] ? ends(i) - i : -1)).filter((far) => far > 0);
    return apart.length ? Math.min(...apart) : undefined;
  }

  function exact(entry, word) {
    if (entry.key === word) return 0;
    if (entry.bare === word) return 0.5;
    if (entry.key && entry.key.startsWith(word)) return 1;
    if (entry.title.startsWith(word)) return 2;
    if (entry.title.includes(word)) return 3;
    if (/^[a-z0-9]{2,}$/.test(word)) {
      if (written(entry.sounds, word)) return 3.5;
      if (begins(entry.sounds, word)) return 4;
      if (word.length > 2 && begins(entry.alike, alike(word))) return 4.5;
    }
    return entry.rest.includes(word) ? 5 : NaN;
  }

  // a name that has the word with other words in between, or its characters in another order
  function loose(entry, word) {
    if (/^[a-z]{3,}$/.test(word)) return begins(entry.sounds, word, true) ? 8 : NaN;
    if (word.length < 2 || /[a-z]/.test(word)) return NaN;
    const far = spread(entry.title, word);
    if (far !== undefined) return 6 + far / 100;
    return word.length > 2 && [...word].every((c) => entry.title.includes(c)) ? 7 : NaN;
  }

  // the word itself, what plans call the same thing, and without an ending that says only what kind of number it is
  function variants(word) {
    const made = new Set([word]);
    also.forEach(([said, ...means]) => { if (word.includes(said)) means.forEach((m) => made.add(word.replace(said, m))); });
    [...made].forEach((w) => made.add(w.replace(ending, '$1')));
    return [...made];
  }

  function rank(entry, forms, how) {
    return Math.min(...forms.map((form, i) => how(entry, form) + Math.min(i, 1) / 4).filter((n) => !isNaN(n)));
  }

  return { fold, alike, variants, rank, exact, loose };
};
