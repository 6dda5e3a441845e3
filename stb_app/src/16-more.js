/* Scripts that come after the first picture: the second half of the app, and the vendored players. */
(function (CT, window) {
  'use strict';
  var MORE = '{{more}}'; // its name with the hash of its bytes; bundle.py puts it here
  CT.version = '{{version}}';
  var RARE = '{{rare}}', BOX = '{{box}}';
  var SELDOM = ['settings', 'about', 'keytest', 'pairing', 'tour']; // the screens of the script of its own
  var loads = {};        // url -> true once loaded, or the list of who waits for it

  /* Loads a script of ours once; done(ok). A failure may be tried again. A flashed app has all inside: no name. */
  CT.loadScript = function (url, done) {
    if (!url || loads[url] === true) { done(true); return; }
    if (loads[url]) { loads[url].push(done); return; }
    var waiting = loads[url] = [done];
    var script = window.document.createElement('script');
    function finish(ok) {
      loads[url] = ok || null;
      if (!ok) { CT.remove(script); }
      for (var i = 0; i < waiting.length; i += 1) { waiting[i](ok); }
    }
    script.onload = CT.guard(function () { finish(true); });
    script.onerror = CT.guard(function () { finish(false); });
    script.src = url;
    window.document.body.appendChild(script);
  };

  /* The second half: home, lists, guide, on-demand. done(ok), at once when it is there. */
  CT.more = function (done) { CT.loadScript(MORE, done || function () {}); };

  /* What is seldom opened (settings and what they lead to, other languages) stands on the second half. done(ok) */
  CT.rare = function (done) { CT.more(function (ok) { if (ok) { CT.loadScript(RARE, done); } else { done(false); } }); };

  /* Whether there is such a screen, be its script here or not yet. */
  CT.hasScreen = function (name) { return !!CT.screens[name] || SELDOM.indexOf(name) >= 0; };
  /* Loads the script of a screen. done(ok) */
  CT.loadScreen = function (name, done) { (SELDOM.indexOf(name) < 0 ? CT.more : CT.rare)(done); };

  /* The players of boxes that have one built in. done(ok) */
  CT.boxPlayers = function (done) { CT.loadScript(BOX, done); };

  /* A script that came later brings its own style. */
  CT.addStyle = function (css) {
    var style = window.document.createElement('style');
    style.appendChild(window.document.createTextNode(css));
    window.document.getElementsByTagName('head')[0].appendChild(style);
  };

  /* Whoever asks for it gets it sooner or later: live must not depend on it. */
  var attempt = 0;
  CT.moreSoon = function () {
    CT.more(function (ok) {
      if (!ok) { attempt += 1; CT.later(CT.moreSoon, CT.backoff(attempt)); }
    });
  };

  /* A page older than its server finds its second half gone: the page of today has another name for it. */
  CT.moreGone = function (answer) {
    var xhr = new window.XMLHttpRequest();
    xhr.onreadystatechange = CT.guard(function () { if (xhr.readyState === 4) { answer(xhr.status === 404); } });
    try { xhr.open('GET', MORE, true); xhr.send(null); } catch (e) { answer(false); }
  };
}(window.CT, window));
