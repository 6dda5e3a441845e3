/* Small memory on the box. localStorage may be absent, full, or throw: then memory lasts until power-off. */
(function (CT, window) {
  'use strict';
  var memory = {};
  var PREFIX = 'ct.';

  function disk() {
    try { return window.localStorage || null; } catch (e) { return null; }
  }

  /* The stored value, or null; never throws. */
  CT.load = function (name) {
    var text = memory[name]; // newer than the disk's, where the disk refused it
    try { if (text === undefined) { text = disk().getItem(PREFIX + name); } } catch (e) { /* no disk */ }
    try { return text ? JSON.parse(text) : null; } catch (e) { return null; }
  };

  /* Stores a JSON value; null forgets it. */
  CT.save = function (name, value) {
    var text = value === null ? '' : JSON.stringify(value);
    memory[name] = text;
    try {
      if (value === null) { disk().removeItem(PREFIX + name); } else { disk().setItem(PREFIX + name, text); }
      delete memory[name];
    } catch (e) { /* full or forbidden: memory holds it until power-off */ }
  };
}(window.CT, window));
