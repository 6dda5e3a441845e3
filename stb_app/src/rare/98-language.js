/* The language of the app's own words. Chinese is the source: what is shown is looked up by the Chinese sentence itself,
   so that no other file knows of languages; a node whose own `lang` is Chinese has a name in it, which is not looked up. A dictionary is data (97-lang-*.js): sentence -> sentence, with {0}, {1} for
   what stands in between. Words of people (titles, names) are not found there and stay as they are. While the language
   is Chinese nothing of this is in the way. */
(function (CT, window) {
  'use strict';
  var NAMES = { zh: '中文', en: 'English' };
  var HTML = { zh: 'zh-CN', en: 'en' };
  var MOST = 400;          // sentences remembered as looked up
  var HAN = /[\u3000-\u9fff\uff00-\uffef]/;
  var JOINTS = ['  ·  ', '　', ' '];
  var document = window.document;
  var plainText = CT.text, plainSet = window.Element.prototype.setAttribute;
  var language = 'zh', patterns = [], known = {}, count = 0;

  function escaped(text) { return text.replace(/[.*+?^$()|[\]\\/]/g, '\\$&'); }

  /* 'a{1}b{0}' -> {test: /^a(.+)b(.+)$/, order: [1, 0], to}; the one with most words of its own is tried first. What
     stands before 年, 月 or 日 is a number: people's words hold dates too. No gap spans a wide space: it joins sentences. */
  function compile(words) {
    var list = [];
    for (var key in words) {
      if (!CT.has(words, key) || key.indexOf('{') < 0) { continue; }
      var order = (key.match(/\{\d\}/g) || []).map(function (mark) { return +mark.charAt(1); });
      var literal = key.replace(/\{\d\}/g, '');
      list.push({ test: new RegExp('^' + escaped(key).replace(/\{\d\}(?=[年月日])/g, '(\\d+)').replace(/\{\d\}/g, key.indexOf('　') < 0 ? '([^　]+?)' : '(.+?)') + '$'), order: order, to: words[key], weight: literal.length });
    }
    return list.sort(function (a, b) { return b.weight - a.weight; });
  }

  function fill(sentence, args) {
    return sentence.replace(/\{(\d)\}/g, function (mark, i) { return args[i] === undefined ? mark : args[i]; });
  }

  function byPattern(text, depth) {
    for (var i = 0; i < patterns.length; i += 1) {
      var found = patterns[i].test.exec(text);
      if (!found) { continue; }
      var args = [];
      for (var n = 0; n < patterns[i].order.length; n += 1) { args[patterns[i].order[n]] = find(found[n + 1], depth + 1); }
      return fill(patterns[i].to, args);
    }
    return null;
  }
  function byParts(text, depth) {
    for (var i = 0; i < JOINTS.length; i += 1) {
      var parts = text.split(JOINTS[i]);
      if (parts.length > 1) { return parts.map(function (part) { return find(part, depth + 1); }).join(JOINTS[i]); }
    }
    return text;
  }

  function find(text, depth) {
    var words = (CT.words || {})[language];
    if (!words || !HAN.test(text)) { return text; }
    if (CT.has(words, text)) { return words[text]; }
    return depth > 2 ? text : byPattern(text, depth) || byParts(text, depth);
  }

  function translate(text) {
    if (!HAN.test(text)) { return text; }
    if (!CT.has(known, text)) {
      if (count >= MOST) { known = {}; count = 0; }
      known[text] = find(text, 0);
      count += 1;
    }
    return known[text];
  }

  /* A sentence in the viewer's language; {0}, {1} are filled from args. */
  CT.tr = function (sentence, args) { return translate(fill(sentence, args || [])); };

  function foreignText(node, text) {
    text = String(text);
    if (node.ctText === text) { return; }
    node.ctText = text;
    write(node, node.lang ? text : translate(text));
  }
  function write(node, text) {
    if (node.firstChild) { node.firstChild.nodeValue = text; } else { node.appendChild(document.createTextNode(text)); }
  }
  function foreignSet(name, value) {
    if (name === 'aria-label') {
      this.ctLabel = String(value);
      value = translate(this.ctLabel);
    }
    plainSet.call(this, name, value);
  }

  /* Everything that is on the screen already. */
  function again() {
    var nodes = document.getElementsByTagName('*');
    for (var i = 0; i < nodes.length; i += 1) {
      var node = nodes[i];
      if (node.ctText !== undefined && !node.lang) { write(node, translate(node.ctText)); }
      var label = node.ctLabel === undefined ? node.getAttribute('aria-label') : node.ctLabel;
      if (label === null) { continue; }
      plainSet.call(node, 'aria-label', translate(label));
      node.ctLabel = language === 'zh' ? undefined : label;
    }
  }

  /* Shows the app in a language from now on: 'zh' or 'en'; anything else is Chinese. */
  CT.setLanguage = function (code) {
    var next = CT.has(NAMES, code || '') ? code : 'zh';
    if (next === language) { return; }
    language = next;
    known = {};
    count = 0;
    patterns = compile((CT.words || {})[language] || {});
    CT.text = language === 'zh' ? plainText : foreignText;
    window.Element.prototype.setAttribute = language === 'zh' ? plainSet : foreignSet;
    document.documentElement.lang = HTML[language];
    again();
  };
  CT.language = function () { return language; };
  CT.languageName = function () { return NAMES[language]; };
  CT.nextLanguage = function () {
    CT.setLanguage(language === 'zh' ? 'en' : 'zh');
    CT.save('lang', language);
  };
  CT.setLanguage(CT.load('lang'));
}(window.CT, window));
