/* Starts the app of a flashed box: the newest one that has proved itself, else the one that was flashed.
   An update is kept beside the good one and tried at the next power-on. Only when it has run for a while does it take
   the good one's place; after two starts that did not get so far it is forgotten, and its version is not fetched again. */
(function (window) {
  'use strict';
  var KEY = 'ct.apps';
  var TRIES = 2;
  var document = window.document;
  var flashed = window.CT_FLASHED; // {version, js, css}: addresses beside this page, or null where all is inside
  var apps = read(), running = null, over = false;

  /* {base: what was flashed, good: APP, next: APP, tries, bad: version}; APP is {version, js, css, check}. Never throws.
     A box that was flashed anew begins anew: what it had kept may be older. */
  function read() {
    var kept = null;
    try { kept = JSON.parse(window.localStorage.getItem(KEY)); } catch (e) { /* no disk, or spoiled */ }
    return kept && kept.base === flashed.version ? kept : { base: flashed.version };
  }
  /* Whether it was kept: the box may have no room. */
  function keep() {
    try { window.localStorage.setItem(KEY, JSON.stringify(apps)); return true; } catch (e) { return false; }
  }

  /* FNV-1a of an app's text: finds what was cut or spoiled on the way, not what is malicious (https is for that). */
  function checksum(text) {
    var h = 0x811c9dc5;
    for (var i = 0; i < text.length; i += 1) {
      h ^= text.charCodeAt(i);
      h = (h + (h << 1) + (h << 4) + (h << 7) + (h << 8) + (h << 24)) >>> 0;
    }
    return h;
  }
  function whole(app) {
    return !!app && typeof app.js === 'string' && typeof app.css === 'string' && checksum(app.js + app.css) === app.check;
  }

  function forgetNext() {
    apps.bad = apps.next ? apps.next.version : apps.bad;
    apps.next = null;
    apps.tries = 0;
    keep();
  }

  /* The app to start now; a try is counted before it runs, so that a crash of the whole box counts too. */
  function pick() {
    if (apps.next && (!whole(apps.next) || (apps.tries || 0) >= TRIES)) { forgetNext(); }
    if (apps.next) {
      apps.tries = (apps.tries || 0) + 1;
      if (keep()) { running = 'next'; return apps.next; }
    }
    if (whole(apps.good)) { running = 'good'; return apps.good; }
    running = 'flashed';
    return null;
  }

  function put(tag, text, address) {
    var node = document.createElement(tag);
    if (address) { node[tag === 'link' ? 'href' : 'src'] = address; } else { node.appendChild(document.createTextNode(text)); }
    if (tag === 'link') { node.rel = 'stylesheet'; }
    document.getElementsByTagName(tag === 'script' ? 'body' : 'head')[0].appendChild(node);
  }
  function inside(id) { return document.getElementById(id).firstChild.nodeValue; }

  function startFlashed() {
    running = 'flashed';
    if (flashed.js) {
      put('link', null, flashed.css);
      put('script', null, flashed.js);
    } else {
      put('style', inside('flashed-css'));
      put('script', inside('flashed-js'));
    }
  }

  /* A script that does not even start leaves no CT.state behind: what was flashed takes over in the same breath. */
  function start() {
    var app = pick();
    if (!app) { startFlashed(); return; }
    put('style', app.css);
    put('script', app.js);
    if (window.CT && window.CT.state) { return; }
    if (running === 'next') { forgetNext(); } else { apps.good = null; keep(); }
    window.CT = null;
    document.getElementById('app').innerHTML = '';
    startFlashed();
  }

  window.CT_LOADER = {
    running: function () { return running; },
    version: function () { return running === 'flashed' ? flashed.version : apps[running].version; },
    /* Whether a version is worth fetching: neither what runs, nor what waits, nor what has failed here. */
    wants: function (version) {
      return version !== window.CT_LOADER.version() && version !== apps.bad && !(apps.next && apps.next.version === version);
    },
    /* Keeps an app for the next power-on; false when it came spoiled or there is no room. */
    offer: function (app) {
      if (!whole(app)) { return false; }
      apps.next = app;
      apps.tries = 0;
      if (keep()) { return true; }
      apps.next = null;
      keep();
      return false;
    },
    /* The app has run well for a while. */
    settle: function () {
      if (over) { return; }
      over = true;
      if (running !== 'next') { return; }
      apps.good = apps.next;
      apps.next = null;
      apps.tries = 0;
      running = 'good';
      keep();
    }
  };
  start();
}(window));
