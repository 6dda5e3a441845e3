/* The hole in the page through which the video plane of a box is seen. What lies beside it is painted by four strips
   below the app, so that a small picture on a screen of ours has our ground around it. */
(function (CT, window) {
  'use strict';
  var document = window.document;
  var strips = null, open = false, dress = null;

  function place(strip, l, t, w, h) {
    strip.style.left = CT.u(l);
    strip.style.top = CT.u(t);
    strip.style.width = CT.u(w);
    strip.style.height = CT.u(h);
  }

  function makeStrips() {
    strips = [0, 1, 2, 3].map(function () {
      var strip = CT.el('div', 'hole-edge');
      document.body.insertBefore(strip, document.body.firstChild);
      return strip;
    });
  }

  /* Whoever changes the text size writes the root's classes anew: the hole must outlive that. */
  function dressRoot() {
    dress();
    if (open) { document.documentElement.className += ' hole'; }
  }

  /* Opens the page at l, t, w, h (design px), or closes it where no place is given. */
  CT.hole = function (rect) {
    if (CT.dressRoot !== dressRoot) {
      dress = CT.dressRoot;
      CT.dressRoot = dressRoot;
    }
    if (!strips) { makeStrips(); }
    if (rect) {
      var l = rect[0], t = rect[1], r = l + rect[2], b = t + rect[3];
      place(strips[0], 0, 0, 1280, t);
      place(strips[1], 0, b, 1280, 720 - b);
      place(strips[2], 0, t, l, b - t);
      place(strips[3], r, t, 1280 - r, b - t);
    }
    if (open !== !!rect) {
      open = !!rect;
      CT.dressRoot();
    }
  };
}(window.CT, window));
