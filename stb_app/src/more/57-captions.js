/* Captions: words of the page over the picture, because the players of boxes know no tracks. They follow the film's
   own time: looked at twice a second with it, and once more where a sentence begins or ends in between. */
(function (CT, window) {
  'use strict';
  var SIZES = ['normal', 'big', 'huge'];
  var AT_ONCE = 3;       // sentences said at the same time
  var NEAR_S = 0.6;      // the next look of the film comes later than this
  var LEAST_MS = 250, LATE_MS = 40; // no more looks than four a second; players are a frame behind
  var PATIENCE_MS = 20000, TRIES = 3;
  var FROM_RIGHT = /[\u0590-\u08ff]/; // letters of Uyghur, and of Kazakh as written here

  /* The viewer's choice. */
  CT.captions = {
    on: function () { return CT.load('caption') !== 'off'; },
    flip: function () { CT.save('caption', CT.captions.on() ? 'off' : 'on'); },
    onName: function () { return CT.captions.on() ? '开' : '关'; },
    size: function () { return Math.max(0, SIZES.indexOf(CT.load('captionSize'))); },
    turn: function (step) { CT.save('captionSize', SIZES[(CT.captions.size() + step + 3) % 3]); },
    sizeName: function () { return ['标准', '大', '特大'][CT.captions.size()]; }
  };

  /* What is said at second s of cues, and for how many seconds that stays so. */
  function saidAt(cues, s) {
    var low = 0, high = cues.length, until = Infinity, said = [];
    while (low < high) {
      var mid = (low + high) >> 1;
      if (cues[mid].from <= s) { low = mid + 1; } else { high = mid; }
    }
    if (low < cues.length) { until = cues[low].from; }
    while (low && cues[low - 1].reach > s && said.length < AT_ONCE) {
      low -= 1;
      if (cues[low].to > s) {
        said.unshift(cues[low].text);
        until = Math.min(until, cues[low].to);
      }
    }
    return { text: said.join('\n'), left_s: until - s };
  }

  function fetchVtt(url, done) {
    return CT.retrying(function (answer) {
      return CT.request('GET', url, { timeout_ms: PATIENCE_MS }, function (error, value, xhr) {
        var text = error && error.kind === 'bad' && xhr ? xhr.responseText : '';
        if (CT.isVtt(text)) { answer(null, text); } else { answer(error || { kind: 'bad', status: 200 }); }
      });
    }, TRIES, done);
  }

  /* The track to show: of the language chosen, else of the menus' language, else the first. */
  function pick(tracks) {
    var wanted = CT.load('captionLang'), menus = window.document.documentElement.lang.slice(0, 2);
    function first(fits) { return tracks.filter(fits)[0]; }
    return first(function (one) { return one.language === wanted; }) ||
      first(function (one) { return one.language.slice(0, 2) === menus; }) || tracks[0] || null;
  }

  CT.makeCaptions = function (parent) {
    var node = CT.el('div', 'captions off', parent);
    var plate = CT.el('div', 'caption', node);
    var words = plate.appendChild(window.document.createTextNode('')); // people's words: never looked up in a dictionary
    var film = null, known = null, tracks = [], track = null, cues = null, asked = null;
    var place = '', text = '', timer = null, wanted = false;

    node.setAttribute('role', 'group');
    node.setAttribute('aria-label', '字幕');
    node.setAttribute('aria-live', 'off'); // who listens hears the film itself

    function draw() {
      words.nodeValue = text;
      plate.dir = FROM_RIGHT.test(text) ? 'rtl' : 'ltr';
      CT.setClass(node, 'captions size' + CT.captions.size() + ' ' + (text ? place : 'off'));
    }

    function look() {
      window.clearTimeout(timer);
      if (!film) { return; }
      if (film.detail !== known) {
        known = film.detail;
        tracks = known.captions || [];
        choose();
      }
      var said = saidAt(CT.captions.on() && film.started && cues || [], film.place());
      if (said.text !== text) {
        text = said.text;
        draw();
      }
      if (film.state === 'playing' && said.left_s < NEAR_S) {
        timer = CT.later(look, Math.max(LEAST_MS, said.left_s * 1000 + LATE_MS));
      }
    }

    function forget() {
      if (asked) { asked.cancel(); }
      asked = cues = null;
    }

    /* Fetches the words of the track that is meant, unless they are here: an address may be signed anew meanwhile. */
    function choose() {
      var before = track;
      track = pick(tracks);
      if (cues && track && track.language === before.language) { return; }
      forget();
      if (!track || !CT.captions.on()) { return; }
      plate.lang = track.language;
      var request = asked = fetchVtt(track.url, function (error, body) {
        if (!error) { CT.readVtt(body, take); return; }
        asked = null;
        if (wanted) { CT.note('字幕暂时取不到，请过一会儿再试'); }
      });
      function take(found) {
        if (asked !== request) { return; } // another was chosen meanwhile
        asked = null;
        cues = found;
        look();
      }
    }

    /* On or off, and says so. */
    function toggle() {
      look();
      if (!tracks.length) {
        if (known) { CT.note('这个节目没有字幕'); }
        return;
      }
      CT.captions.flip();
      wanted = CT.captions.on();
      CT.note(wanted ? '字幕已打开' : '字幕已关闭', 2);
      if (wanted && !asked) { choose(); }
      look();
    }
    function nextLanguage() {
      CT.save('captionLang', tracks[(tracks.indexOf(track) + 1) % tracks.length].language);
      choose();
      look();
    }
    function nextSize() {
      CT.captions.turn(1);
      draw();
    }

    return {
      /* Follows a film: {state, started, detail, place() -> s}. */
      follow: function (session) { film = session; },
      look: look, toggle: toggle,
      any: function () { return tracks.length > 0; },
      /* Where they stand: '' at the foot, 'lifted' above the bar, 'high' above the menu, 'off' nowhere. */
      move: function (to) {
        if (place !== to) { place = to; draw(); }
      },
      /* What can be chosen, as [{say() -> text, act()}]. */
      choices: function () {
        return [{ say: function () { return '字幕：' + CT.captions.onName(); }, act: toggle }].concat(
          tracks.length > 1 ? { say: function () { return '语言：' + track.label; }, act: nextLanguage } : [],
          { say: function () { return '字幕大小：' + CT.captions.sizeName(); }, act: nextSize });
      },
      close: function () {
        forget();
        window.clearTimeout(timer);
        film = null;
      },
      state: function () { return { language: track && track.language, count: cues && cues.length, text: text }; }
    };
  };
}(window.CT, window));
