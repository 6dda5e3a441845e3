/* A flashed box renews itself: what the server offers is fetched quietly and started at the next power-on
   (flash/loader.js sees to the way back). A hosted page has no loader: it is new with every start anyhow. */
(function (CT, window) {
  'use strict';
  var SETTLED_MS = 30000;       // an app that has run so long without a fall is good
  var FIRST_MS = 120000;        // not while the box is busy starting
  var AGAIN_MS = 6 * 3600000;
  var loader = window.CT_LOADER;

  /* Text of a file beside the server's page; done(text or null). */
  function fetchText(name, done) {
    var xhr = new window.XMLHttpRequest();
    xhr.onreadystatechange = CT.guard(function () {
      if (xhr.readyState === 4) { done(xhr.status === 200 ? xhr.responseText : null); }
    });
    try { xhr.open('GET', CT.api.resolve('/tv/' + name), true); xhr.send(null); } catch (e) { done(null); }
  }

  function take(news, done) {
    fetchText(news.js, function (js) {
      fetchText(news.css, function (css) {
        CT.update.waiting = js !== null && css !== null &&
          loader.offer({ version: news.version, js: js, css: css, check: news.check });
        done(js !== null && css !== null);
      });
    });
  }

  /* Asks whether there is something new, and takes it; done(whether the server answered). */
  function look(done) {
    done = done || function () {};
    fetchText('version.json', function (text) {
      var news = null;
      try { news = JSON.parse(text); } catch (e) { /* an error page: asked again later */ }
      if (news && typeof news.version === 'string' && /^app-[\w-]+\.js$/.test(news.js) && /^app-[\w-]+\.css$/.test(news.css) &&
          loader.wants(news.version)) { take(news, done); } else { done(!!news); }
    });
  }

  function settle() { if (CT.nav.top() && !CT.lastError) { loader.settle(); } }

  /* waiting: whether the next power-on will start another version. */
  CT.update = { waiting: false, look: look };
  if (loader) {
    CT.later(settle, SETTLED_MS);
    CT.later(function () { look(); }, FIRST_MS * (1 + Math.random()));
    CT.every(function () { look(); }, AGAIN_MS);
  }
}(window.CT, window));
