/* A channel's number, typed: shown big while it grows, taken after a moment or by OK. */
(function (CT, window) {
  'use strict';
  var WAIT_MS = 1800;
  var MOST = 4; // digits of a channel's number

  /* take(number) returns the sentence to show when there is no such channel, else nothing. name(number) -> text. */
  CT.makeDigits = function (parent, name, take, most) {
    var node = CT.el('div', 'digits off', parent);
    var big = CT.el('div', 'digits-number', node, '');
    var words = CT.el('div', 'digits-name', node, '');
    var typed = '', timer = null;
    node.setAttribute('aria-live', 'polite');

    function hide() {
      window.clearTimeout(timer);
      typed = '';
      CT.setClass(node, 'digits off');
    }

    function done() {
      window.clearTimeout(timer);
      var refusal = take(+typed);
      typed = '';
      if (!refusal) { hide(); return; }
      CT.text(words, refusal);
      timer = CT.later(hide, WAIT_MS);
    }

    return {
      /* Takes 'digit0' to 'digit9', and OK and Back while something is typed; true when it was for us. */
      key: function (fn) {
        if (/^digit\d$/.test(fn)) {
          typed = (typed.length < (most || MOST) ? typed : '') + fn.charAt(5);
          CT.text(big, typed);
          CT.text(words, name(+typed));
          CT.setClass(node, 'digits');
          window.clearTimeout(timer);
          timer = CT.later(done, WAIT_MS);
          return true;
        }
        if (typed && fn === 'ok') { done(); return true; }
        if (typed && fn === 'back') { hide(); return true; }
        return false;
      },
      hide: hide,
      typed: function () { return typed; }
    };
  };
}(window.CT, window));
