/* Key events to presses: double events dropped, held keys coalesced, boxes that only fire keypress served;
   what the key test page found out is laid over the profile. */
(function (CT, window) {
  'use strict';
  var document = window.document;
  var DOUBLE_MS = 40;    // the same function again within this is one press reported twice
  var HOLD_GAP_MS = 700; // infra-red repeats begin after 500 ms
  var QUICK_MS = 160;    // where a release is never told: what follows so soon is the key held
  var STEP_MS = 90;      // a held key moves at most this often
  var compiled = null;
  var over = {};         // code -> [function…] as corrected
  var handler = null;
  var releases = false;  // whether this box has ever told of one
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

  function codeOf(event) { return event.keyCode || event.which || event.charCode || 0; }

  /* The functions an event may mean in this profile, or an empty list. */
  function decode(event) {
    var code = codeOf(event);
    var named = event.key && CT.has(compiled.byName, event.key) ? [compiled.byName[event.key]] : null;
    return over[code] || named || compiled.byCode[code] || [];
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
    var holding = same && (repeat || (!last.up && gap < (releases ? HOLD_GAP_MS : QUICK_MS)));
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

  /* One event of a press; an echo is swallowed only. Who taps gets the code instead of what it means. */
  function take(event, echo) {
    var fns = decode(event), code = codeOf(event);
    if (CT.players.event(code)) { return swallow(event); } // so a box's player reports
    if (event.ctrlKey || event.altKey || event.metaKey || !code && !fns.length) { return true; }
    if (CT.keys.tap) {
      if (!echo) { CT.keys.tap(code, fns, event.repeat === true); }
      return swallow(event);
    }
    if (!fns.length) {
      if (!echo && CT.keys.strange) { CT.keys.strange(code, event.repeat === true); }
      return true;
    }
    if (!echo) { press(fns, event.repeat === true); }
    return swallow(event);
  }

  function onDown(event) {
    downAt = time();
    return take(event, false);
  }

  /* After a keydown its keypress is an echo; a keypress on its own is the only event some boxes send. */
  function onPress(event) {
    var echo = downAt !== null && since(downAt) < ECHO_MS;
    downAt = null;
    return take(event, echo);
  }

  function onUp() {
    downAt = null;
    pending = null;
    last.up = releases = true;
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
    /* Lays {function: [code…]} over the profile: a code named there means that and nothing else. null: the bare profile. */
    correct: function (keys) {
      var good = {};
      for (var fn in keys) { if (CT.has(keys, fn) && keys[fn] instanceof Array) { good[fn] = keys[fn].filter(CT.isNumber); } }
      over = CT.compileKeys({ codes: good }).byCode;
    },
    /* For the key test page. tap(code, [function…], repeat) takes every press while set; strange(code, repeat) is told of
       keys that mean nothing here. */
    tap: null,
    strange: null,
    /* What an event means in a named profile, uncorrected; in this box's where none is named. */
    decode: function (profile, event) {
      if (!profile) { return decode(event); }
      var before = compiled, laid = over;
      compiled = CT.compileKeys(CT.keymaps[profile]);
      over = {};
      var fns = decode(event);
      compiled = before;
      over = laid;
      return fns;
    },
    /* Whether a key is being held right now. */
    held: function () { return pending !== null || (!last.up && last.held > 0 && since(last.at) < 200); }
  };
}(window.CT, window));
