/* The namespace CT, and the few tools every other file leans on. */
(function (window) {
  'use strict';
  var CT = window.CT = {};
  var document = window.document;
  var DESIGN_PX_PER_REM = 40; // bundle.py divides the px of app.css by the same number

  CT.config = window.CT_CONFIG || {}; // set by flashed boxes before the app: {api, token, keys, tier, player}

  /* Reads the options after '#' (token, api, keys, tier, player); CT_CONFIG fills what is absent. */
  CT.option = function (name) {
    var found = new RegExp('[#&]' + name + '=([^&]*)').exec(window.location.hash);
    if (!found) { return CT.config[name] === undefined ? null : CT.config[name]; }
    try { return decodeURIComponent(found[1]); } catch (e) { return found[1]; }
  };

  /* Design px (at 1280x720) to a CSS length that scales with the screen. */
  CT.u = function (px) { return px / DESIGN_PX_PER_REM + 'rem'; };

  /* One look at the screen at boot: 1rem = 40 design px. Computed once, then only constants are used. */
  CT.fitScreen = function () {
    var root = document.documentElement;
    var w = window.innerWidth || root.clientWidth || 1280;
    var h = window.innerHeight || root.clientHeight || 720;
    CT.scale = Math.min(w / 1280, h / 720) || 1;
    root.style.fontSize = DESIGN_PX_PER_REM * CT.scale + 'px';
  };

  CT.el = function (tag, className, parent, text) {
    var node = document.createElement(tag);
    if (className) { node.className = className; }
    if (text !== undefined) { CT.text(node, text); }
    if (parent) { parent.appendChild(node); }
    return node;
  };

  /* Changes an element's only text node, and nothing at all when the text is the same. */
  CT.text = function (node, text) {
    text = String(text);
    if (node.ctText === text) { return; }
    node.ctText = text;
    if (node.firstChild) { node.firstChild.nodeValue = text; } else { node.appendChild(document.createTextNode(text)); }
  };

  CT.setClass = function (node, className) {
    if (node.ctClass !== className) { node.className = node.ctClass = className; }
  };

  /* Moves by transform, in design px: no layout is needed. */
  CT.moveTo = function (node, x, y) {
    var value = 'translate(' + CT.u(x) + ',' + CT.u(y) + ')';
    if (node.ctMove === value) { return; }
    node.ctMove = value;
    node.style.webkitTransform = value;
    if (CT.plainTransform) { node.style.transform = value; }
  };
  CT.plainTransform = document.documentElement.style.webkitTransform === undefined;

  CT.cssUrl = function (url) {
    return url ? 'url("' + url.replace(/["\\\n]/g, encodeURIComponent) + '")' : 'none';
  };

  CT.remove = function (node) { if (node && node.parentNode) { node.parentNode.removeChild(node); } };

  CT.clamp = function (value, low, high) { return Math.max(low, Math.min(high, value)); };

  CT.isNumber = function (value) { return typeof value === 'number' && isFinite(value); };

  CT.has = function (table, name) { return Object.prototype.hasOwnProperty.call(table, name); };

  /* Whether the engine (or the box) has a global of that name; some boxes throw on the mere look. */
  CT.exists = function (name) {
    try { return typeof window[name] !== 'undefined' && window[name] !== null; } catch (e) { return false; }
  };

  CT.extend = function (target, source) {
    for (var name in source) { if (CT.has(source, name)) { target[name] = source[name]; } }
    return target;
  };

  CT.elder = false;
  CT.skew_ms = 0; // server's clock minus ours; boxes often start in 1970
  CT.now = function () { return new Date().getTime() + CT.skew_ms; };

  var failed = null;
  CT.onCrash = function (handler) { failed = handler; };

  /* Wraps every callback of ours: a throw is kept inside the app and leads home instead of a dead screen. */
  CT.guard = function (work) {
    return function () {
      try { return work.apply(this, arguments); } catch (e) { CT.crash(e); }
    };
  };
  CT.crash = function (error) {
    CT.lastError = String(error && error.stack || error);
    if (window.console && window.console.error) { window.console.error(CT.lastError); }
    if (failed) { failed(error); }
  };

  CT.later = function (work, delay_ms) { return window.setTimeout(CT.guard(work), delay_ms); };
  CT.every = function (work, delay_ms) { return window.setInterval(CT.guard(work), delay_ms); };

  var frame = window.requestAnimationFrame || window.webkitRequestAnimationFrame;
  CT.frame = function (work) {
    var safe = CT.guard(work);
    if (frame) { frame.call(window, safe); } else { window.setTimeout(safe, 16); }
  };
}(window));
