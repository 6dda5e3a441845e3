/* How captions are chosen while a film plays: a word in its bar says how they stand, down opens buttons above it, yellow
   is for who has it. */
(function (CT) {
  'use strict';

  /* A menu over a screen's node; its word stands in the bar's. */
  CT.makeCaptionMenu = function (node, bar, captions) {
    var word = CT.el('div', 'hint caption-word', bar, '');
    var menu = CT.makeLiveMenu(node), press = menu.key, shut = menu.close;
    var choices = [];

    word.onclick = CT.guard(function (event) { // an air mouse
      event.stopPropagation();
      CT.nav.key(['down'], 0);
    });

    /* The buttons say what is so now. */
    menu.refresh = function () {
      CT.text(word, captions.any() ? '▼ 字幕：' + CT.captions.onName() : '');
      choices.forEach(function (choice, i) { CT.text(menu.board.rows[0].el(i), choice.label = choice.say()); });
    };
    menu.close = function () {
      if (!menu.board) { return; }
      choices = [];
      shut();
      CT.focusNow(node);
    };
    /* A key of the film; true when it was meant for captions. inBar: the bar is there, and down leads on from it. */
    menu.key = function (fn, inBar) {
      var open = menu.board;
      if (fn === 'yellow') { captions.toggle(); }
      else if (open && (fn === 'up' || fn === 'down' || fn === 'info')) { menu.close(); }
      else if (open) { return press(fn); }
      else if (fn === 'down' && inBar && captions.any()) {
        choices = captions.choices();
        menu.open(choices);
      } else { return false; }
      return true;
    };
    return menu;
  };
}(window.CT));
