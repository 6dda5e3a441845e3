/* The player of a title's page: hls.js where the browser has media sources, else its own HLS. */
"use strict";
(function () {
  let loading = null;

  function library(address) {
    loading =
      loading ||
      new Promise(function (resolve, reject) {
        const script = document.createElement("script");
        script.src = address;
        script.onload = () => resolve(window.Hls);
        script.onerror = () => reject(new Error("no player"));
        document.head.append(script);
      });
    return loading;
  }

  function complain(video, words) {
    const line = video.parentElement.querySelector(".screen-fault");
    line.textContent = words;
    line.hidden = false;
  }

  async function attach(video) {
    const address = video.dataset.src;
    let Hls = null;
    if (window.MediaSource) Hls = await library(video.dataset.hls).catch(() => null);
    if (!Hls || !Hls.isSupported()) {
      if (video.canPlayType("application/vnd.apple.mpegurl")) video.src = address;
      else complain(video, "这个浏览器不能播放，请换用新版的浏览器。");
      return;
    }
    const hls = new Hls();
    hls.on(Hls.Events.ERROR, function (event, fault) {
      if (!fault.fatal) return;
      if (fault.type === Hls.ErrorTypes.MEDIA_ERROR && !video.dataset.recovered) {
        video.dataset.recovered = "1";
        hls.recoverMediaError();
      } else complain(video, "播放中断，请刷新页面再试。");
    });
    hls.loadSource(address);
    hls.attachMedia(video);
  }

  /* Nothing is loaded before somebody wants to watch. */
  document.addEventListener("click", async function (event) {
    const button = event.target.closest(".screen .play");
    if (!button) return;
    const video = button.parentElement.querySelector("video");
    button.hidden = true;
    video.controls = true;
    video.focus();
    await attach(video);
    video.play().catch(() => null);
  });
})();
