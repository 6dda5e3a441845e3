/* The categories down the left of the browsing page. */
(function (CT) {
  'use strict';

  /* Those of the home of yesterday, while the server cannot be asked. */
  CT.categoriesOfHome = function () {
    var home = CT.api.readHome(CT.load('home'));
    return home ? home.rows.filter(function (row) { return row.slug; }).map(function (row) {
      return { slug: row.slug, name: row.name, count: 0 };
    }) : [];
  };

  function make(box) {
    var line = CT.el('div', 'cat', box, '');
    line.tabIndex = -1;
    line.setAttribute('role', 'button');
    return { node: line, name: 'cat' };
  }

  /* An upright strip of categories; size: {pitch, visible}; the one that here() returns is marked. */
  CT.makeCategories = function (parent, size, here) {
    return CT.makeStrip(parent, { pitch: size.pitch, visible: size.visible, upright: true, make: make,
      bind: function (cell, category) {
        CT.text(cell.node, category.name);
        cell.name = category === here() ? 'cat here' : 'cat';
        cell.node.setAttribute('aria-label', category.name + (category.count ? ' ' + category.count + ' 个节目' : ''));
      },
      picture: function () {} });
  };
}(window.CT));
