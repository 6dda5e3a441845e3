/* Index-linked focus: a board is a list of rows, each with a count and a remembered index. Arrow keys are
   arithmetic on those; geometry is never asked. The real DOM focus follows, so that a screen reader can too. */
(function (CT, window) {
  'use strict';

  var REST_MS = 120;
  var waiting = [], timer = null, askedAt = 0, following = null;
  function since() { return Math.abs(new Date().getTime() - askedAt); }

  function onRest() {
    var left = CT.keys.held() ? REST_MS : REST_MS - since();
    timer = left > 0 ? CT.later(onRest, left) : null;
    if (timer === null) { waiting.splice(0).forEach(function (work) { CT.guard(work)(); }); }
  }

  /* Work for when the keys rest, however often it was asked for. One timer for all: setting one anew for each key is dear. */
  CT.atRest = function (work) {
    askedAt = new Date().getTime();
    if (waiting.indexOf(work) < 0) { waiting.push(work); }
    if (timer === null) { timer = CT.later(onRest, REST_MS); }
  };

  /* Gives the real DOM focus to a node, now. */
  CT.focusNow = function (node) {
    following = null;
    if (!node) { return; }
    try { node.focus({ preventScroll: true }); } catch (e) { /* an engine without focus on this element */ }
  };

  /* focus() makes an engine recalculate style on the spot, twice. So the highlight moves in the key's own frame
     and the DOM focus follows when the finger rests; a held key pays for it once, and a reader does not chatter. */
  function follow(board) {
    following = board;
    CT.atRest(arrive);
  }
  function arrive() { if (following) { CT.focusNow(following.el()); } }

  /* Old engines scroll to what they focus; the app never scrolls. */
  CT.neverScroll = function (node) {
    node.addEventListener('scroll', function () { node.scrollTop = 0; node.scrollLeft = 0; }, false);
  };

  /* A row is {count, index, el(i), paint(i, focused), find(node)}. onRow(r) is told when the row changes. */
  CT.makeBoard = function (onRow) {
    var board = { rows: [], r: 0 };

    function row() { return board.rows[board.r]; }

    /* Puts the focus on row r at index i (by default where that row was left). */
    board.focus = function (r, i) {
      if (!board.rows.length) { return false; }
      r = CT.clamp(r, 0, board.rows.length - 1);
      var from = row(), to = board.rows[r];
      i = CT.clamp(i === undefined ? to.index : i, 0, Math.max(0, to.count - 1));
      if (from && (from !== to || from.index !== i)) { from.paint(from.index, false); }
      board.r = r;
      to.index = i;
      if (onRow) { onRow(r); }
      to.paint(i, true);
      follow(board);
      return true;
    };

    /* One step; false at an edge. Empty rows are stepped over. */
    board.move = function (down, right) {
      if (!board.rows.length) { return false; }
      if (right) {
        var i = row().index + right;
        return i >= 0 && i < row().count && board.focus(board.r, i);
      }
      for (var r = board.r + down; r >= 0 && r < board.rows.length; r += down) {
        if (board.rows[r].count > 0) { return board.focus(r); }
      }
      return false;
    };

    /* Arrow, page and channel keys; true when the key was one of them. */
    board.key = function (fn) {
      var moved;
      if (fn === 'left') { moved = board.move(0, -1); }
      else if (fn === 'right') { moved = board.move(0, 1); }
      else if (fn === 'up' || fn === 'chup') { moved = board.move(-1, 0); }
      else if (fn === 'down' || fn === 'chdown') { moved = board.move(1, 0); }
      else if (fn === 'pageup') { moved = board.move(-1, 0); }
      else if (fn === 'pagedown') { moved = board.move(1, 0); }
      else { return false; }
      if (!moved) { CT.bump(); }
      return true;
    };

    /* Takes the focus back at once, where it was (a screen came up). */
    board.again = function () {
      board.focus(board.r);
      CT.focusNow(board.el());
    };
    board.el = function () { return row() && row().el(row().index); };

    /* A pointer (air mouse, touch) picked a node: focuses it; false when it is none of ours. */
    board.point = function (node) {
      for (var r = 0; r < board.rows.length; r += 1) {
        var i = board.rows[r].find(node);
        if (i >= 0) { return board.focus(r, i); }
      }
      return false;
    };
    return board;
  };

  /* Every key gives something visible: at an edge the focused edge flares for a moment. */
  var flared = null, flare = null;
  CT.bump = function () {
    var root = window.document.getElementById('app');
    window.clearTimeout(flare);
    if (!flared) { root.className = 'bump'; flared = root; }
    flare = CT.later(function () { root.className = ''; flared = null; }, 140);
  };

  /* A row of buttons made from [{label, act}]; presses go to act(). Those with `lead` stand in the node of that name. */
  CT.makeButtons = function (parent, specs, lead) {
    var nodes = [];
    var row = {
      count: specs.length, index: 0,
      el: function (i) { return nodes[i]; },
      paint: function (i, focused) { CT.setClass(nodes[i], focused ? 'button focus' : 'button'); },
      find: function (node) { return nodes.indexOf(node); },
      press: function () { specs[row.index].act(); },
      label: function () { return specs[row.index].label; }
    };
    for (var i = 0; i < specs.length; i += 1) {
      var node = CT.el('div', 'button', specs[i].lead ? lead : parent, specs[i].label);
      node.tabIndex = -1;
      node.setAttribute('role', 'button');
      nodes.push(node);
    }
    return row;
  };
}(window.CT, window));
