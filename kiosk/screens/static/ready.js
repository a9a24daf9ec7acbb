// Loaded last: says to tests and to the watchdog that every behaviour of this page has started.
document.fonts.ready.then(() => requestAnimationFrame(() => { document.body.dataset.ready = "yes"; }));
