/* What the operator's pages do beyond plain HTML: the reader's zone, questions in a dialog, whether the stream lives. */
(function () {
  "use strict";

  var zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone) {
    document.cookie = "muster_tz=" + encodeURIComponent(zone) + "; path=/; max-age=31536000; samesite=lax" +
      (location.protocol === "https:" ? "; secure" : "");
  }

  var ask = document.getElementById("ask");
  document.addEventListener("htmx:after:swap", function (event) {
    if (event.detail.ctx.target === ask && !ask.open) {
      ask.showModal();
    }
  });
  document.addEventListener("htmx:response:error", function (event) {
    if (event.detail.ctx.target === ask) {
      location.assign(event.detail.ctx.sourceElement.href);
    }
  });

  document.addEventListener("submit", function (event) {
    if (event.target.classList.contains("sent")) {
      event.preventDefault();
    }
    if (event.target.method === "post") {
      event.target.classList.add("sent");
    }
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form.sent").forEach(function (form) {
      form.classList.remove("sent");
    });
  });

  function pulse(on) {
    var light = document.getElementById("pulse");
    if (light) {
      light.classList.toggle("off", !on);
      light.textContent = light.getAttribute(on ? "data-on" : "data-off");
    }
  }
  document.addEventListener("htmx:sse:after:connection", function () { pulse(true); });
  document.addEventListener("htmx:sse:error", function () { pulse(false); });
  document.addEventListener("htmx:sse:close", function () { pulse(false); });

  document.addEventListener("missing", function () {
    document.getElementById("moved").hidden = false;
  });

  document.addEventListener("click", function (event) {
    document.querySelectorAll("details.who[open]").forEach(function (menu) {
      if (!menu.contains(event.target)) {
        menu.open = false;
      }
    });
  });
})();
