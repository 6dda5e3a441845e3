/* The few buttons Back brings up on bare live television. */
(function (CT) {
  'use strict';
  CT.makeLiveMenu = function (parent) {
    var node = CT.el('div', 'live-menu off', parent);
    var menu = { board: null };

    /* Shows buttons made from [{label, act}]; returns the board that holds the focus. */
    menu.open = function (specs) {
      menu.board = CT.makeBoard();
      menu.board.rows = [CT.makeButtons(CT.el('div', 'live-buttons', node), specs)];
      CT.setClass(node, 'live-menu');
      menu.board.again();
      return menu.board;
    };
    menu.close = function () {
      CT.remove(node.firstChild);
      CT.setClass(node, 'live-menu off');
      menu.board = null;
    };
    menu.key = function (fn) {
      if (fn !== 'ok') { return menu.board.key(fn); }
      menu.board.rows[0].press();
      return true;
    };
    return menu;
  };
}(window.CT));
