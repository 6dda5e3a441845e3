/* What could not be had is asked for again by itself, less and less often, while its screen is what the viewer sees. */
(function (CT, window) {
  'use strict';
  var FIRST = 2, LAST = 5; // steps of CT.backoff: from 4 s to 30 s

  /* screen() is the one that shows it; ask() asks without taking away what is said meanwhile.
     told(error or null) after each answer: a plain refusal is not asked about again. */
  CT.makeMender = function (screen, ask) {
    var timer = null, attempt = FIRST;
    function wait() {
      timer = CT.later(function () {
        if (CT.nav.top() === screen()) { ask(); } else { wait(); }
      }, CT.backoff(Math.min(attempt, LAST)));
    }
    return {
      told: function (error) {
        window.clearTimeout(timer);
        if (!error) { attempt = FIRST; return; }
        if (!CT.mayRetry(error)) { return; }
        wait();
        attempt += 1;
      },
      close: function () { window.clearTimeout(timer); }
    };
  };
}(window.CT, window));
