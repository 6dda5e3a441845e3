/* What is below every faked box: a decoder that fetches the playlist as a box does, and whose hand moves with the clock.
   window.FAKE is what a test sets before the app, and reads. No picture is decoded. */
(function () {
  var FAKE = window.FAKE = Object.assign({
    late_ms: 150,       // reports come so late
    lost: [],           // reports that never come
    times: 'string',    // string | number | ms | hours
    refuse: 0,          // so many instances are never given away
    event: 'keydown',   // or keypress: how reports are dropped
    log: [],            // the calls that count
    visible: null,      // [l, t, w, h] on the video plane, 'full', or null when nothing is shown
    running: 0          // decoders at work
  }, window.FAKE);

  /* A report: a key that nobody pressed. */
  FAKE.send = function (code) {
    var event = new KeyboardEvent(FAKE.event, { bubbles: true, cancelable: true });
    ['keyCode', 'which'].forEach(function (name) { Object.defineProperty(event, name, { value: code }); });
    (document.activeElement || document.body).dispatchEvent(event);
  };

  function length(text) {
    var sum = 0;
    text.replace(/#EXTINF:([\d.]+)/g, function (all, s) { sum += +s; });
    return /#EXT-X-ENDLIST/.test(text) ? sum : NaN;
  }

  /* report(name, status): loaded, failed, ended. */
  FAKE.decoder = function (report) {
    var from = 0, since = null, timer = null, duration = NaN, loads = 0, me = {};

    function now() { return performance.now() / 1000; }
    function at() { return since === null ? from : from + now() - since; }
    function arm() {
      clearTimeout(timer);
      if (since === null || isNaN(duration)) { return; }
      timer = setTimeout(function () { from = duration; since = null; report('ended'); }, Math.max(0, duration - at()) * 1000);
    }
    me.load = function (url) {
      var mine = loads += 1, xhr = new XMLHttpRequest();
      me.unload();
      loads = mine;
      if (!/^https?:/.test(url)) { setTimeout(function () { if (mine === loads) { report('loaded', 200); } }, 30); return; }
      xhr.onload = function () {
        if (mine !== loads) { return; }
        if (xhr.status !== 200 || !/#EXTINF/.test(xhr.responseText)) { report('failed', xhr.status); return; }
        duration = length(xhr.responseText);
        report('loaded', 200);
      };
      xhr.onerror = function () { if (mine === loads) { report('failed', 0); } };
      xhr.open('GET', url);
      xhr.send();
    };
    me.play = function () {
      if (since !== null) { return; }
      since = now();
      FAKE.running += 1;
      arm();
    };
    me.pause = function () {
      if (since === null) { return; }
      from = at();
      since = null;
      FAKE.running -= 1;
      clearTimeout(timer);
    };
    me.seek = function (s) {
      from = s;
      if (since !== null) { since = now(); arm(); }
    };
    me.unload = function () {
      loads += 1;
      me.pause();
      clearTimeout(timer);
      from = 0;
      duration = NaN;
    };
    me.at = at;
    me.duration = function () { return duration; };
    FAKE.at = at;
    return me;
  };

  function two(n) { return (n < 10 ? '0' : '') + n; }
  FAKE.time = function (s) {
    if (isNaN(s)) { return FAKE.times === 'number' ? NaN : ''; }
    if (FAKE.times === 'ms') { return Math.round(s * 1000); }
    if (FAKE.times === 'number') { return s; }
    s = Math.floor(s);
    return FAKE.times === 'hours' ? two(Math.floor(s / 3600)) + ':' + two(Math.floor(s / 60) % 60) + ':' + two(s % 60) : String(s);
  };
  FAKE.later = function (name, work) {
    if (FAKE.lost.indexOf(name) < 0) { setTimeout(work, FAKE.late_ms); }
  };
}());
