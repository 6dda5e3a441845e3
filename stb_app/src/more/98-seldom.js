/* What leads to the screens that are seldom opened; they have a script of their own (src/rare/). */
(function (CT) {
  'use strict';
  var OFFER_MS = 15000;  // so long after the first picture nobody has touched the remote
  var OFFER_S = 15;
  CT.tourOffers = 2;     // no more often than this, ever
  var STRANGE = { times: 3, within_ms: 5000, apart_ms: 250 };

  /* The tour of the remote: once a boot, to who sits before the picture and has pressed nothing yet. */
  function offerOnce() {
    var offers = CT.api.number(CT.load('tour')), screen = CT.nav.top();
    if (CT.touched || offers >= CT.tourOffers) { return; }
    if (!screen || screen.name !== 'live' || screen.state().state !== 'playing') { CT.later(offerOnce, OFFER_MS); return; }
    CT.save('tour', offers + 1);
    CT.nav.offer('第一次使用？按 OK 键，看一分钟遥控器教学', OFFER_S, function () { CT.nav.open('tour'); });
  }
  CT.later(offerOnce, OFFER_MS);

  /* A key that means nothing to the profile, pressed again and again: somebody's remote is another one than we think. */
  var strange = { code: 0, count: 0, at: 0, first: 0 };
  CT.keys.strange = function (code, repeat) {
    var now = new Date().getTime(), screen = CT.nav.top();
    var gap = Math.abs(now - strange.at);
    strange.at = now;
    if (!screen || screen.name === 'keytest' || repeat || gap < STRANGE.apart_ms || (code >= 16 && code <= 18)) { return; }
    if (strange.code !== code || Math.abs(now - strange.first) > STRANGE.within_ms) {
      strange.code = code;
      strange.count = 0;
      strange.first = now;
    }
    strange.count += 1;
    if (strange.count === STRANGE.times - 1) { CT.note('遥控器按键不对？再按一次同一个键，进入按键测试', 5); }
    if (strange.count < STRANGE.times) { return; }
    strange.count = 0;
    CT.clearNote();
    CT.nav.open('keytest', { now: true });
  };

  /* Another language than Chinese is fetched as soon as there is time; until then the screens speak Chinese. */
  var attempt = 0;
  function speak() {
    CT.rare(function (ok) {
      if (!ok) { attempt += 1; CT.later(speak, CT.backoff(attempt)); }
    });
  }
  if (CT.load('lang') && CT.load('lang') !== 'zh') { speak(); }
}(window.CT));
