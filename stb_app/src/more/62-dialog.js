/* A panel with a heading, a sentence and buttons; it holds the focus while it is there. */
(function (CT) {
  'use strict';
  CT.makeDialog = function (parent, className, heading, sentence, specs) {
    var node = CT.el('div', 'dialog ' + className, parent);
    node.setAttribute('role', 'dialog');
    node.setAttribute('aria-label', heading);
    CT.el('div', 'dialog-heading', node, heading);
    CT.el('div', 'dialog-text', node, sentence);
    var row = CT.makeButtons(CT.el('div', 'dialog-buttons', node), specs);
    var board = CT.makeBoard();
    board.rows = [row];
    return {
      board: board,
      key: function (fn) {
        if (fn === 'ok') { row.press(); return true; }
        return board.key(fn);
      },
      close: function () { CT.remove(node); }
    };
  };
}(window.CT));
