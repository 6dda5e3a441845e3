/* WebVTT as sentences with their seconds (W3C WebVTT §4, §6). Settings, identifiers, notes and styles are passed over;
   what is broken is left out, what is whole stays. */
(function (CT, window) {
  'use strict';
  var SLICE = 100;    // sentences read in one go: a slow box must answer keys meanwhile
  var MOST = 10000;
  var TIME = '(?:(\\d+):)?(\\d\\d?):(\\d\\d[.,]\\d+)';
  var WORDS = '((?:\\n(?!.*-->)[^\\S\\n]*\\S.*)*)'; // up to an empty line, or to the next timing where that is missing
  var decoder = window.document.createElement('textarea');

  /* The seconds whose parts stand in a match from i on: hours (or none), minutes, seconds. */
  function seconds(m, i) { return (m[i] || 0) * 3600 + m[i + 1] * 60 + +m[i + 2].replace(',', '.'); }

  /* Words without tags; entities are made letters by who knows them all: no tag is left that could come alive there. */
  function plain(words) {
    words = words.replace(/<[^>]*>/g, '');
    if (words.indexOf('&') >= 0) {
      decoder.innerHTML = words;
      words = decoder.value;
    }
    return words.trim().replace(/\s*\n\s*/g, '\n');
  }

  /* Whether a reply is WebVTT at all, and not the page of a gateway. */
  CT.isVtt = function (text) { return /^\uFEFF?WEBVTT(\s|$)/.test(text); };

  /* done([{from, to, text}]) in s, in order of their start, lines parted by \n; reach: the latest end so far. */
  CT.readVtt = function (text, done) {
    var sentence = new RegExp(TIME + '\\s*-->\\s*' + TIME + '.*' + WORDS, 'g'), cues = [];
    text = text.replace(/\r\n?/g, '\n');

    function finish() {
      var reach = 0;
      cues.sort(function (a, b) { return a.from - b.from || a.to - b.to; });
      cues.forEach(function (cue) { reach = cue.reach = Math.max(reach, cue.to); });
      done(cues);
    }

    function slice() {
      for (var n = 0, m = true; m && n < SLICE; n += 1) {
        m = sentence.exec(text);
        var cue = m && { from: seconds(m, 1), to: seconds(m, 4), text: plain(m[7]) };
        if (cue && cue.text && cue.to > cue.from) { cues.push(cue); }
      }
      if (m && cues.length < MOST) { CT.later(slice, 0); } else { finish(); }
    }
    slice();
  };
}(window.CT, window));
