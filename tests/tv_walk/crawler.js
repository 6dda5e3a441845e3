/* Walks a screen of the TV app by arrow keys until every arrow has been pressed from every place it found, and says
   what it saw. Runs inside the page; the keys go through CT.nav.key, as those of a remote do. */
(function (window) {
  'use strict';
  var ARROWS = ['up', 'down', 'left', 'right'];
  var CT = window.CT, document = window.document;

  function focused() {
    var screen = CT.nav.top().node;
    return [].slice.call(screen.querySelectorAll('.focus[tabindex], .window-edge.focus')).filter(function (node) {
      return node.getClientRects().length && window.getComputedStyle(node).opacity !== '0';
    });
  }

  function labelOf(node) {
    node = node.closest('[role=button]') || node;
    return (node.getAttribute('aria-label') || node.textContent).trim();
  }

  /* What tells one place from another: the screen, what is focused, and the parts a screen says it has. */
  function place() {
    var state = CT.state(), found = focused(), d = state.detail || {};
    return [state.screen, state.focus ? state.focus.row + '/' + state.focus.rows : '', found.map(function (node) {
      var box = node.getBoundingClientRect();
      return labelOf(node) + '@' + Math.round(box.left) + ',' + Math.round(box.top);
    }).join('+'), d.zone || '', d.dialog ? 'dialog' : ''].join(' | ');
  }

  /* What is wrong with how the focus is shown, or ''. */
  function fault() {
    var found = focused(), box, hit;
    if (found.length !== 1) { return found.length + ' places are marked'; }
    box = found[0].getBoundingClientRect();
    if (box.left < -1 || box.top < -1 || box.right > window.innerWidth + 1 || box.bottom > window.innerHeight + 1) {
      return 'outside the screen';
    }
    hit = document.elementFromPoint((box.left + box.right) / 2, (box.top + box.bottom) / 2);
    if (!hit || !(found[0].contains(hit) || hit.contains(found[0]))) { return 'hidden behind ' + (hit && hit.className); }
    return '';
  }

  /* The arrow to press next: an untried one here, else the first of the shortest known way to an untried one. */
  function next(graph, here) {
    var queue = [[here, null]], seen = {}, i, at, first;
    seen[here] = true;
    while (queue.length) {
      at = queue.shift();
      for (i = 0; i < ARROWS.length; i += 1) {
        if (!graph[at[0]] || !(ARROWS[i] in graph[at[0]])) { return at[1] || ARROWS[i]; }
      }
      for (i = 0; i < ARROWS.length; i += 1) {
        first = graph[at[0]][ARROWS[i]];
        if (!seen[first]) { seen[first] = true; queue.push([first, at[1] || ARROWS[i]]); }
      }
    }
    return null;
  }

  /* Returns {places, presses, faults: [[place, what]], reached: [label], never: [label]}. */
  window.crawl = function (most) {
    var graph = {}, faults = [], reached = {}, all = {}, presses = 0, here, arrow, screen = CT.nav.top();
    function look() {
      var what = fault();
      here = place();
      if (what && faults.length < 5) { faults.push([here, what]); }
      focused().forEach(function (node) { reached[labelOf(node)] = true; });
      [].forEach.call(screen.node.querySelectorAll('[role=button]'), function (node) {
        var box = node.getBoundingClientRect();
        var style = window.getComputedStyle(node);
        if (box.width && style.opacity !== '0' && style.visibility !== 'hidden' && box.right > 0 && box.bottom > 0 &&
            box.left < window.innerWidth && box.top < window.innerHeight) { all[labelOf(node)] = true; }
      });
    }
    CT.clearNote(); // a note goes by itself
    look();
    while (presses < most) {
      graph[here] = graph[here] || {};
      arrow = next(graph, here);
      if (!arrow) { break; }
      var from = here;
      CT.nav.key([arrow], 0);
      CT.clearNote();
      presses += 1;
      look();
      graph[from][arrow] = here;
      if (CT.nav.top() !== screen) { faults.push([from, arrow + ' left the screen']); break; }
    }
    return { places: Object.keys(graph).length, presses: presses, faults: faults, reached: Object.keys(reached),
      complete: next(graph, here) === null,
      never: Object.keys(all).filter(function (label) { return !reached[label]; }) };
  };

  /* How often Back must be pressed until live television is there; 99 when it never comes. */
  window.backs = function () {
    for (var n = 0; n < 12; n += 1) {
      if (CT.state().screen === 'live' && CT.nav.depth() === 1 && !CT.nav.top().board) { return n; }
      CT.nav.key(['back'], 0);
    }
    return 99;
  };

  /* The texts of the top screen as they stand on the glass: [words, left, top, right, bottom, whether focused]. What
     lies under something else, or is drawn faintly, is left out. */
  window.textBoxes = function () {
    var found = [], walker = document.createTreeWalker(document.body, window.NodeFilter.SHOW_TEXT), text, node;
    var screen = CT.nav.top().node;
    function add() {
      var range = document.createRange(), own, hole = node.getBoundingClientRect(), l, t, r, b, over, seen = 1, up;
      range.selectNodeContents(text);
      own = range.getBoundingClientRect();
      l = Math.max(own.left, hole.left, 0);
      t = Math.max(own.top, hole.top, 0);
      r = Math.min(own.right, hole.right, window.innerWidth);
      b = Math.min(own.bottom, hole.bottom, window.innerHeight);
      over = document.elementFromPoint((l + r) / 2, (t + b) / 2);
      for (up = node; up; up = up.parentElement) { seen *= +window.getComputedStyle(up).opacity; }
      if (r - l > 8 && b - t > 8 && seen === 1 && over && (node.closest('[role=button]') || node).contains(over)) {
        found.push([text.nodeValue, Math.round(l), Math.round(t), Math.round(r), Math.round(b),
          !!node.closest('.focus[tabindex]')]);
      }
    }
    while ((text = walker.nextNode())) {
      node = text.parentElement;
      if (text.nodeValue.trim() && screen.contains(node)) { add(); }
    }
    return found;
  };
}(window));
