/* Key events to presses: double events dropped, held keys coalesced, boxes that only fire keypress served. */
(function (CT, window) {
  'use strict';
  var document = window.document;
  var DOUBLE_MS = 40;    // the same function again within this is one press reported twice
  var HOLD_GAP_MS = 700; // infra-red repeats begin after 500 ms
  var STEP_MS = 90;      // a held key moves at most this often
  var compiled = null;
  var handler = null;
  var ECHO_MS = 60;      // a keypress this soon after a keydown belongs to it
  var downAt = null;
  var last = { fn: null, at: null, done_at: 0, held: 0, up: true };
  var pending = null;

  /* Monotonic where the engine can: boxes set their clock after boot. */
  function time() {
    return window.performance && window.performance.now ? window.performance.now() : new Date().getTime();
  }
  function since(then) {
    var gap = time() - then;
    return gap < 0 ? Infinity : gap;
  }

  /* The functions an event may mean in this profile, or an empty list. */
  function decode(event) {
    var code = event.keyCode || event.which || event.charCode || 0;
    var named = event.key && CT.has(compiled.byName, event.key) ? [compiled.byName[event.key]] : null;
    return named || compiled.byCode[code] || [];
  }

  function fire(fns, held) {
    last.done_at = time();
    handler(fns, held);
  }

  /* One step per frame and per STEP_MS, however many repeats are queued; releasing the key ends it. */
  function step() {
    if (!pending) { return; }
    if (since(last.done_at) < STEP_MS) { CT.frame(step); return; }
    var fns = pending;
    pending = null;
    last.held += 1;
    fire(fns, last.held);
  }

  function press(fns, repeat) {
    var gap = last.at === null ? Infinity : since(last.at);
    var same = fns[0] === last.fn;
    if (same && gap < DOUBLE_MS && !repeat) { return; }
    var holding = same && (repeat || (!last.up && gap < HOLD_GAP_MS));
    last.at = time();
    last.up = false;
    if (holding) {
      if (!pending) { CT.frame(step); }
      pending = fns;
      return;
    }
    last.fn = fns[0];
    last.held = 0;
    pending = null;
    fire(fns, 0);
  }

  function swallow(event) {
    if (event.preventDefault) { event.preventDefault(); }
    return false; // Backspace would leave the page on old engines
  }

  function onDown(event) {
    var fns = decode(event);
    downAt = time();
    if (!fns.length || event.ctrlKey || event.altKey || event.metaKey) { return true; }
    press(fns, event.repeat === true);
    return swallow(event);
  }

  /* After a keydown its keypress is an echo; a keypress on its own is the only event some boxes send. */
  function onPress(event) {
    var fns = decode(event);
    var echo = downAt !== null && since(downAt) < ECHO_MS;
    downAt = null;
    if (!fns.length || event.ctrlKey || event.altKey || event.metaKey) { return true; }
    if (!echo) { press(fns, false); }
    return swallow(event);
  }

  function onUp() {
    downAt = null;
    pending = null;
    last.up = true;
  }

  CT.keys = {
    /* Starts listening; handle([function…], held) gets each press, held counting the repeats of a held key. */
    start: function (profile, handle) {
      compiled = CT.compileKeys(CT.keymaps[profile]);
      handler = CT.guard(handle);
      document.onkeydown = CT.guard(onDown);
      document.onkeypress = CT.guard(onPress);
      document.onkeyup = CT.guard(onUp);
    },
    /* What an event means in a named profile. */
    decode: function (profile, event) {
      var before = compiled;
      compiled = CT.compileKeys(CT.keymaps[profile]);
      var fns = decode(event);
      compiled = before;
      return fns;
    },
    /* Whether a key is being held right now. */
    held: function () { return pending !== null || (!last.up && last.held > 0 && since(last.at) < 200); }
  };
}(window.CT, window));
