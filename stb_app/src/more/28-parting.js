/* The county has unpaired this box: what it knows of a household or a village goes, from screen, memory and storage; what
   is public goes on. The token stays: a box that is restored need not be paired anew. */
(function (CT, window) {
  'use strict';
  var BOOT_MS = 500;
  var OPEN = ['settings', 'about', 'keytest', 'pairing', 'tour']; // screens that are anybody's

  function forget() {
    ['home', 'found', 'phrases'].forEach(function (name) { CT.save(name, null); });
    CT.favourites.forget();
    CT.resume.forget(null);
    CT.reminders.forget();
  }

  /* Home is at the bottom where there is no channel. */
  function bare() { CT.nav.start(window.document.getElementById('app'), 'home'); }

  /* The picture goes on if anybody may see it. */
  function onChannels(error) {
    if (error) { return; }
    if (!CT.channels.list.length) { bare(); } else if (!CT.channels.byId(CT.load('channel'))) { CT.nav.live(CT.channels.first()); }
  }

  /* A player that is being left notes its place: it goes before. */
  CT.part = function () {
    if (!CT.nav.depth()) { CT.later(CT.part, BOOT_MS); return; }
    var name = CT.nav.top().name;
    if (!CT.nav.live(null, undefined, true)) { bare(); }
    forget();
    if (OPEN.indexOf(name) >= 0) { CT.nav.open(name); }
    CT.note('这台电视已经解除绑定，现在可以看公开的节目', 8);
    CT.channels.load(onChannels);
  };
  CT.later(function () { if (CT.api.refused) { CT.boxUnpaired(); } }, 0);
}(window.CT, window));
