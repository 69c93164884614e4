"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  let data;
  try {
    data = JSON.parse($("data").textContent);
    if (data.format !== "vi_lab replay" || data.version !== 1 || !data.runs.length) throw new Error();
  } catch {
    $("damaged").hidden = false;
    return;
  }

  // ---- words and numbers ------------------------------------------------------------------
  const minus = (text) => text.replace(/-/g, "\u2212");
  const superscript = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
  const num = (x) => (x === "inf" ? Infinity : x === "-inf" ? -Infinity : x);
  function power(x, digits) {
    const [m, e] = x.toExponential(digits).split("e");
    return minus(m) + "·10" + String(Number(e)).replace(/./g, (c) => superscript[c]);
  }
  function short(x, digits = 3) {
    if (x === null || x === undefined) return "–";
    if (!isFinite(x)) return x > 0 ? "∞" : "−∞";
    if (x === 0) return "0";
    const size = Math.abs(x);
    if (size < 1e-4 || size >= 1e6) return power(x, 0);
    const places = Math.max(digits - 1 - Math.floor(Math.log10(size)), 0);
    return minus(x.toLocaleString("en-US", { minimumFractionDigits: places, maximumFractionDigits: places }));
  }
  const six = (x) => minus(x.toLocaleString("en-US", { minimumFractionDigits: 6, maximumFractionDigits: 6 }));
  const plain = (x) => (x !== 0 && Math.abs(x) < 1e-3 ? power(x, 0).replace(/^1·/, "") : minus(String(+Number(x).toPrecision(6))));

  // ---- drawing ----------------------------------------------------------------------------
  function el(tag, attributes = {}, ...children) {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [key, value] of Object.entries(attributes)) if (value !== null) node.setAttribute(key, value);
    node.append(...children);
    return node;
  }
  const text = (x, y, words, more = {}) => el("text", { x, y, ...more }, words);
  function svg(box, height, label) {
    const width = Math.max(box.clientWidth, 200);
    const node = el("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
    box.replaceChildren(node);
    return [node, width];
  }
  const DASH = { "metropolis-hastings": "8 3 2 3", gibbs: "4 2", cavi: "9 3.3", hmc: "8 3 2 3", "gaussian-full-rank": "9 3.3" };
  const colour = (run) => `var(--${run.method}, var(--ink))`;
  function marker(method, x, y, r) {
    if (method === "gibbs") return `M${x - r} ${y - r}h${2 * r}v${2 * r}h${-2 * r}z`;
    if (method === "hmc") return `M${x} ${y - r}v${2 * r}M${x - r} ${y - r / 2}l${2 * r} ${r}M${x - r} ${y + r / 2}l${2 * r} ${-r}z`;
    if (method === "gaussian-full-rank") return `M${x - r} ${y - r}v${2 * r}L${x + r} ${y}z`;
    if (method === "cavi") return `M${x - r} ${y - r}h${2 * r}L${x} ${y + r}z`;
    return `M${x - r} ${y + r}h${2 * r}L${x} ${y - r}z`;
  }
  function swatch(run) {
    const node = el("svg", { viewBox: "0 0 30 12", "aria-hidden": "true", style: `stroke:${colour(run)}` });
    node.append(el("path", { d: "M0 6H30", "stroke-dasharray": DASH[run.method] || null }));
    node.append(el("path", { d: marker(run.method, 15, 6, 4), style: `fill:${colour(run)};stroke:none` }));
    return node;
  }
  // a line with a casing of paper below it, so that it stands out over a fill
  function cased(d, style, width, dash = null) {
    return [
      el("path", { d, fill: "none", style: "stroke:var(--paper)", "stroke-width": width + 3, "stroke-linejoin": "round" }),
      el("path", { d, fill: "none", style: `stroke:${style}`, "stroke-width": width, "stroke-dasharray": dash, "stroke-linejoin": "round" }),
    ];
  }
  // a closed curve through few corners
  function smooth(points) {
    const n = points.length, at = (i) => points[(i + n) % n];
    let d = `M${at(0)[0].toFixed(1)} ${at(0)[1].toFixed(1)}`;
    for (let i = 0; i < n; i++) {
      const [a, b, c, e] = [at(i - 1), at(i), at(i + 1), at(i + 2)];
      const p = [b[0] + (c[0] - a[0]) / 6, b[1] + (c[1] - a[1]) / 6, c[0] - (e[0] - b[0]) / 6, c[1] - (e[1] - b[1]) / 6, ...c];
      d += "C" + p.map((v) => v.toFixed(1)).join(" ");
    }
    return d + "Z";
  }
  function ticksBetween(lo, hi, count) {
    const raw = (hi - lo) / count, unit = 10 ** Math.floor(Math.log10(raw));
    const step = unit * [1, 2, 5, 10].find((m) => m * unit >= raw);
    const found = [];
    for (let k = Math.ceil(lo / step); k * step <= hi + 1e-9 * step; k++) found.push(+(k * step).toPrecision(12));
    return found;
  }

  // ---- state ------------------------------------------------------------------------------
  const runs = data.runs;
  let run = runs.find((r) => r.frames.length) || runs[0];
  let index = 0, timer = null, speakLater = null, writeLater = null, written = 0;
  const frame = () => run.frames[index];
  const evidence = data.evidence ? data.evidence.value : null;
  const hasQ = (f) => f.kind === "update" || f.kind === "step";
  const isWhole = (f) => !hasQ(f) || f.elbo !== null;
  const firstWhole = (r) => Math.max(r.frames.findIndex(isWhole), 0);

  // ---- the plane --------------------------------------------------------------------------
  function drawPlane(f) {
    $("plane-figure").hidden = !data.plane;
    if (!data.plane) return;
    const { x, y, grid, contours } = data.plane;
    const box = $("plane"), narrow = box.clientWidth < 500;
    const height = narrow ? 250 : Math.min(480, Math.round(box.clientWidth * 0.74));
    const now = [x, y].map((axis) => short(f.values[axis.name])).join(", ");
    const [root, width] = svg(box, height, `Exact posterior of ${x.name} and ${y.name}; now at ${now}`);
    const left = 46, right = 8, top = 22, bottom = 36;
    const sx = (u) => left + (u / grid) * (width - left - right);
    const sy = (v) => height - bottom - (v / grid) * (height - top - bottom);
    const place = (axis, value) => {
      const of = axis.scale === "log" ? Math.log : (t) => t;
      return (grid * (of(value) - of(axis.lo))) / (of(axis.hi) - of(axis.lo));
    };
    root.append(el("clipPath", { id: "inside" }, el("rect", { x: left, y: top, width: width - left - right, height: height - top - bottom })));
    for (const [axis, across] of [[x, true], [y, false]]) {
      for (const tick of axis.ticks) {
        const at = across ? sx(place(axis, tick)) : sy(place(axis, tick));
        const line = across ? { x1: at, x2: at, y1: top, y2: height - bottom } : { x1: left, x2: width - right, y1: at, y2: at };
        root.append(el("line", { ...line, style: "stroke:var(--grid)" }));
        root.append(across ? text(at, height - bottom + 15, plain(tick), { "text-anchor": "middle" }) : text(left - 6, at + 4, plain(tick), { "text-anchor": "end" }));
      }
    }
    const named = (axis) => axis.label + (axis.unit ? `, ${axis.unit}` : "") + (axis.scale === "log" ? " (log)" : "");
    root.append(text(width - right, height - 5, named(x), { "text-anchor": "end" }), text(4, 13, "↑ " + named(y)));
    const layer = el("g", { "clip-path": "url(#inside)" });
    root.append(layer);
    root.append(el("rect", { x: left, y: top, width: width - left - right, height: height - top - bottom, fill: "none", style: "stroke:var(--edge)" }));
    const corners = (ring) => { const p = []; for (let i = 0; i < ring.length; i += 2) p.push([sx(ring[i]), sy(ring[i + 1])]); return p; };
    const fills = { 0.5: "var(--fill-50)", 0.9: "var(--fill-90)" }, widths = { 0.5: 2.2, 0.9: 1.5, 0.99: 0.8 };
    for (const { share, rings } of [...contours].reverse()) {
      const d = rings.map((ring) => smooth(corners(ring))).join("");
      layer.append(el("path", { d, style: `fill:${fills[share] || "none"};stroke:var(--exact)`, "stroke-width": widths[share] || 1 }));
    }
    function shapePaths(shape) {
      if (!shape) return [];
      if (shape.rings) return shape.rings.map((s) => s.rings.map((ring) => smooth(corners(ring))).join(""));
      return shape.ellipses.map(({ at, radii, turn }) => {
        const points = [];
        for (let k = 0; k < 48; k++) {
          const a = (2 * Math.PI * k) / 48, p = radii[0] * Math.cos(a), q = radii[1] * Math.sin(a);
          points.push([sx(at[0] + p * Math.cos(turn) - q * Math.sin(turn)), sy(at[1] + p * Math.sin(turn) + q * Math.cos(turn))]);
        }
        return smooth(points);
      });
    }
    if (hasQ(f)) {
      const before = run.frames.slice(0, index).reverse().find((g) => g.q);
      for (const d of shapePaths(before && before.q)) layer.append(...cased(d, colour(run), 0.8));
      for (const d of shapePaths(f.q)) layer.append(...cased(d, colour(run), 2.2, DASH.cavi));
    } else {
      drawTrail(layer, sx, sy);
    }
    if (f.conditional && f.conditional.shape) for (const d of shapePaths(f.conditional.shape)) layer.append(...cased(d, colour(run), 1.6, DASH.gibbs));
    if (f.path) layer.append(...cased("M" + corners(f.path).map((p) => p.join(" ")).join("L"), "var(--ink)", 1.2));
    if (f.from && f.to) {
      const a = [sx(f.from[0]), sy(f.from[1])], b = [sx(f.to[0]), sy(f.to[1])];
      const refused = f.accepted === false, long = Math.hypot(b[0] - a[0], b[1] - a[1]);
      if (long > 1) {
        layer.append(...cased(`M${a}L${b}`, "var(--ink)", 1.5, refused ? "5 4" : null));
        const back = Math.min(9, long / 2), t = Math.atan2(b[1] - a[1], b[0] - a[0]);
        const barb = (s) => `${b[0] - back * Math.cos(t + s)} ${b[1] - back * Math.sin(t + s)}`;
        const d = refused ? `M${b[0] - 5} ${b[1] - 5}l10 10M${b[0] - 5} ${b[1] + 5}l10 -10` : `M${barb(0.45)}L${b}L${barb(-0.45)}`;
        layer.append(...cased(d, "var(--ink)", refused ? 2.2 : 1.5));
      }
      if (refused) outside(root, f.to, grid, sx, sy);
    }
    if (f.at) {
      layer.append(el("circle", { cx: sx(f.at[0]), cy: sy(f.at[1]), r: 5, style: "fill:var(--ink);stroke:var(--paper)", "stroke-width": 1.5 }));
      outside(root, f.at, grid, sx, sy);
    }
    $("plane-caption").textContent = planeCaption(f);
  }
  function planeCaption(f) {
    const truth = "The lines without dashes hold 50, 90 and 99 % of the exact posterior. ";
    if (f.kind === "update") return truth + (f.q ? "Dashed: q, 50 and 90 %; thin: q before; disc: the mean of q." : "q is not whole yet.");
    if (f.kind === "propose") return truth + "Disc: now; marks: where the chain was, the larger the longer; a dashed arrow to a cross was refused.";
    if (f.kind === "trajectory") return truth + "The line: the leapfrog steps of this trajectory; disc: now; marks: where the chain was." + (f.accepted ? "" : " Its end was refused.");
    if (f.kind === "step") return truth + (f.q ? "Dashed: q, 50 and 90 %; thin: q before; disc: the mean of q." : "The disc is the mean of q.");
    if (f.kind === "draw") return truth + "Disc: now; marks: where the chain was" + (f.conditional && f.conditional.shape ? "; dashed: the conditional it drew from, 90 %." : ".");
    return truth;
  }
  // a point that lies outside is an arrow at the edge
  function outside(root, [u, v], grid, sx, sy) {
    if (u >= 0 && u <= grid && v >= 0 && v <= grid) return;
    const inside = (w) => Math.min(Math.max(w, 12), grid - 12), x = sx(inside(u)), y = sy(inside(v));
    const t = Math.atan2(sy(v) - y, sx(u) - x), at = (r, s) => `${x + r * Math.cos(t + s)} ${y + r * Math.sin(t + s)}`;
    root.append(el("path", { d: `M${at(7, 0)}L${at(7, 2.4)}L${at(7, -2.4)}Z`, style: "fill:var(--ink);stroke:var(--paper)", "stroke-width": 1.5 }));
  }
  function drawTrail(layer, sx, sy) {
    const counted = [];
    for (const f of run.frames.slice(Math.max(0, index - 200), index)) {
      if (!f.at) continue;
      const last = counted[counted.length - 1];
      if (last && last.at[0] === f.at[0] && last.at[1] === f.at[1]) last.times++;
      else counted.push({ at: f.at, times: 1 });
    }
    const d = counted.map(({ at, times }) => marker(run.method, sx(at[0]), sy(at[1]), 2.4 * Math.sqrt(times))).join("");
    if (d) layer.append(el("path", { d, style: `fill:${colour(run)};stroke:var(--paper)`, "stroke-width": 0.75 }));
  }

  // ---- the account ------------------------------------------------------------------------
  const hatch = (id) => {
    const p = el("pattern", { id, width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" });
    p.append(el("rect", { width: 7, height: 7, style: "fill:var(--kl-fill)" }), el("line", { x1: 0, y1: 0, x2: 0, y2: 7, style: "stroke:var(--kl)", "stroke-width": 3 }));
    return p;
  };
  function depthOf(r) {
    const all = r.frames.map((f) => num(f.kl)).filter((k) => k !== null && k !== undefined && isFinite(k) && k > 0);
    if (!all.length) return { of: () => 0, ticks: [], words: "" };
    const most = Math.max(...all), least = Math.min(...all);
    if (most <= 50 * least) return { of: (k) => Math.max(k, 0) / most, ticks: ticksBetween(0, most, 4), words: "linear" };
    const top = Math.log(most / 0.01);
    const ticks = [0.01, 0.1, 1, 10, 100, 1000, 1e4].filter((t) => t <= most);
    return { of: (k) => (k <= 0.01 ? 0 : Math.log(k / 0.01) / top), ticks, words: "logarithmic from 0.01 nats" };
  }
  function drawAccount(f) {
    $("sum").replaceChildren();
    const caption = $("account-caption");
    caption.textContent = "";
    if (hasQ(f)) return drawStack(f, caption);
    if (f.log_ratio !== undefined && f.log_ratio !== null) return drawRatio(f, caption);
    if (f.log_joint) return drawJoint(f, caption);
    $("account").replaceChildren();
  }
  function drawStack(f, caption) {
    const box = $("account"), lies = box.clientWidth < 360 || window.innerWidth < 600;
    const height = lies ? 72 : 240, depth = depthOf(run);
    const elbo = num(f.elbo), kl = num(f.kl), whole = elbo !== null;
    const words = !whole ? f.why : kl === null ? `ELBO ${short(elbo, 6)} nats; log p(x) is not known` : `log p(x) ${six(evidence)}, of which KL is ${short(kl)} nats and the ELBO the rest`;
    const [root, width] = svg(box, height, words);
    root.append(el("defs", {}, hatch("hatch")));
    // along: from log p(x) downwards, or from the right to the left where it lies
    const reach = lies ? width - 90 : 196, start = lies ? width - 10 : 22, thick = lies ? 26 : 84, side = lies ? 4 : 46;
    const share = !whole || kl === null ? 0 : isFinite(kl) ? Math.min(depth.of(kl), 1) * 0.82 : 1;
    const along = (s) => (lies ? start - s * reach : start + s * reach);
    const rect = (from, to, more) => lies
      ? el("rect", { x: along(to), y: side, width: Math.abs(along(to) - along(from)), height: thick, ...more })
      : el("rect", { x: side, y: along(from), width: thick, height: Math.abs(along(to) - along(from)), ...more });
    for (const tick of depth.ticks) {
      const at = along(depth.of(tick) * 0.82);
      root.append(lies ? el("line", { x1: at, x2: at, y1: side + thick, y2: side + thick + 4, style: "stroke:var(--edge)" }) : el("line", { x1: side - 4, x2: side, y1: at, y2: at, style: "stroke:var(--edge)" }));
      root.append(lies ? text(at, side + thick + 15, plain(tick), { "text-anchor": at > width - 30 ? "end" : "middle" }) : text(side - 7, at + 4, plain(tick), { "text-anchor": "end" }));
    }
    const foot = along(1);
    if (!whole) {
      root.append(rect(0, 1, { fill: "none", style: "stroke:var(--edge)", "stroke-dasharray": "2 3" }));
    } else if (kl === null) {
      root.append(rect(0.2, 1, { style: `fill:${colour(run)}` }), rect(0, 0.2, { fill: "none", style: "stroke:var(--edge)", "stroke-dasharray": "2 3" }));
    } else {
      if (share < 1) root.append(rect(share, 1, { style: `fill:${colour(run)}` }));
      if (share > 0) root.append(rect(0, share, { fill: "url(#hatch)", style: "stroke:var(--kl)", "stroke-width": 1.5 }));
    }
    // the torn foot: the ELBO goes on far below
    let torn = "";
    for (let k = 0; k <= 8; k++) {
      const a = (thick * k) / 8, b = k % 2 ? 6 : 0;
      torn += (k ? "L" : "M") + (lies ? `${foot + b} ${side + a}` : `${side + a} ${foot - b}`);
    }
    torn += lies ? `V${side + thick}H${foot - 4}V${side}Z` : `H${side + thick}V${foot + 4}H${side}Z`;
    root.append(el("path", { d: torn, style: "fill:var(--paper)" }));
    root.append(lies ? el("line", { x1: start, x2: start, y1: 0, y2: side + thick + 4, style: "stroke:var(--ink)", "stroke-width": 2.5 }) : el("line", { x1: side, x2: width - 4, y1: start, y2: start, style: "stroke:var(--ink)", "stroke-width": 2.5 }));
    if (lies) {
      root.append(text(start, 68, evidence === null ? "log p(x) is not known" : "log p(x)", { "text-anchor": "end", class: "strong" }));
      if (whole) root.append(text(foot, 68, `ELBO ${short(elbo, 6)}` + (kl === null ? "" : `  ·  KL ${klWords(f)}`), { class: "ink" }));
    } else {
      const x = side + thick + 12, split = along(share);
      root.append(text(x, start - 7, evidence === null ? "log p(x) is not known" : `log p(x) = ${six(evidence)}`, { class: "strong" }));
      if (whole && kl !== null) root.append(text(x, Math.max(along(share / 2) + 4, start + 16), `KL ${klWords(f)}`, { class: "ink" }));
      if (whole) root.append(text(x, Math.min(Math.max((split + foot) / 2, start + 36), foot - 2), `ELBO ${isFinite(elbo) ? six(elbo) : "−∞"}`, { class: "ink" }));
      if (!whole) root.append(text(x, start + 40, "no ELBO yet", { class: "ink" }));
    }
    const spread = whole && kl !== null && isFinite(kl) ? f.elbo_error || 0 : 0;
    const [high, low] = [-spread, spread].map((d) => along(Math.min(depth.of(kl + d) * 0.82, 1)));
    const whisker = spread > 0 && Math.abs(low - high) > 3;
    if (whisker) {
      const middle = side + thick / 2, d = lies ? `M${high} ${middle}H${low}M${high} ${middle - 5}v10M${low} ${middle - 5}v10` : `M${middle} ${high}V${low}M${middle - 5} ${high}h10M${middle - 5} ${low}h10`;
      root.append(...cased(d, "var(--ink)", 1.5));
    }
    if (f.holds === false && kl !== null && !lies) root.append(text(side + thick + 12, foot + 16, "↕ open: the sum does not reach log p(x)", { class: "strong" }));
    caption.textContent = !whole ? `${f.why}.` : depth.words && kl !== null ? `Nats below log p(x); depth is ${depth.words}.` : "";
    if (whisker) caption.textContent += ` The whisker is the error of the ELBO, ${short(spread)} nats.`;
    drawSum(f, elbo, kl);
  }
  function klWords(f) {
    const kl = num(f.kl);
    if (kl !== null && isFinite(kl) && Math.abs(kl) <= f.kl_error) return `0 (${short(kl, 1)}, within its error)`;
    return short(kl);
  }
  function drawSum(f, elbo, kl) {
    const sum = $("sum"), add = (words, name) => { const s = document.createElement(name || "span"); s.textContent = words; sum.append(s); return s; };
    if (elbo === null) return;
    if (kl === null) { add(`log p(x) is not known; it is at least ${six(elbo)}`); return; }
    if (!isFinite(kl)) { add("ELBO −∞, KL ∞: q gives probability to what the posterior excludes"); return; }
    add(`${six(elbo)} + ${six(Math.abs(kl) <= f.kl_error ? Math.abs(kl) : kl)} `);
    const off = f.residual, missing = f.holds === false ? `does not hold: ${short(Math.abs(off))} nats are missing` : f.holds ? "holds" : f.why || "cannot be told";
    add(f.holds === false ? `≠ ${six(evidence)}` : `= ${six(evidence)}`).className = "total";
    const small = add(`ELBO + KL ${f.holds === false ? "≠" : "="} log p(x): residual ${short(off, 1)}, within ${short(f.tolerance, 1)}: `, "small");
    const verdict = document.createElement("span");
    verdict.textContent = missing;
    if (f.holds === false) verdict.className = "bad";
    small.append(verdict);
  }
  function drawRatio(f, caption) {
    const ratio = Math.exp(Math.min(f.log_ratio, 0)), u = Math.exp(f.log_u), lies = window.innerWidth < 600;
    const [root, width] = svg($("account"), lies ? 84 : 132, `Acceptance ${short(ratio, 2)}, drawn ${short(u, 2)}: ${f.accepted ? "accepted" : "refused"}`);
    const left = 8, right = width - 14, y = lies ? 26 : 44, thick = 28, sx = (v) => left + v * (right - left);
    root.append(el("rect", { x: left, y, width: right - left, height: thick, fill: "none", style: "stroke:var(--edge)" }));
    root.append(el("rect", { x: left, y, width: Math.max(sx(ratio) - left, 1), height: thick, style: `fill:${colour(run)}` }));
    root.append(...cased(`M${sx(u)} ${y - 6}V${y + thick + 6}`, "var(--ink)", 2.5));
    root.append(text(sx(u), y - 10, `u = ${short(u, 2)}`, { "text-anchor": u > 0.75 ? "end" : u < 0.2 ? "start" : "middle", class: "strong" }));
    for (const tick of [0, 0.5, 1]) root.append(text(sx(tick), y + thick + 20, tick, { "text-anchor": tick === 0 ? "start" : tick === 1 ? "end" : "middle" }));
    if (!lies) root.append(text(left, 16, (f.kind === "trajectory" ? "min(1, exp(−energy error))" : "min(1, p(x, z′) / p(x, z))") + ` = ${short(ratio, 2)}`, { class: "ink" }));
    if (f.kind === "trajectory") caption.textContent = `The bar is min(1, exp(-energy error)) = ${short(ratio, 2)}: at or above u the end of the trajectory is accepted. A sampler has no q, so there is no ELBO.`;
    else caption.textContent = `The bar is min(1, p(x, z′) / p(x, z)) = ${short(ratio, 2)}, of real coordinates: at or above u the proposal is accepted. A sampler has no q, so there is no ELBO.`;
  }
  function drawJoint(f, caption) {
    const [before, after] = f.log_joint.map(num);
    const all = run.frames.flatMap((g) => g.log_joint || []).map(num).filter(isFinite).sort((a, b) => a - b);
    const lo = Math.min(all[Math.floor(all.length * 0.02)], before, after), hi = Math.max(all[all.length - 1], lo + 1e-9);
    const [root, width] = svg($("account"), 96, `Log joint ${short(before, 5)} before, ${short(after, 5)} after`);
    const left = 10, right = width - 10, sx = (v) => left + ((v - lo) / (hi - lo)) * (right - left), y = 46;
    root.append(el("line", { x1: left, x2: right, y1: y, y2: y, style: "stroke:var(--grid)", "stroke-width": 6 }));
    root.append(...cased(`M${sx(before)} ${y}H${sx(after)}`, colour(run), 3));
    root.append(el("circle", { cx: sx(before), cy: y, r: 5, style: `fill:var(--paper);stroke:${colour(run)}`, "stroke-width": 2 }));
    root.append(el("path", { d: marker(run.method, sx(after), y, 6), style: `fill:${colour(run)};stroke:var(--paper)`, "stroke-width": 1.5 }));
    const anchor = (v) => (sx(v) < 90 ? "start" : sx(v) > width - 90 ? "end" : "middle");
    root.append(text(sx(after), y - 16, `after ${short(after, 5)}`, { "text-anchor": anchor(after), class: "strong" }));
    root.append(text(sx(before), y + 26, `before ${short(before, 5)}`, { "text-anchor": anchor(before) }));
    caption.textContent = "log p(x, z), drawn from its conditional, always accepted. A sampler has no q, so there is no ELBO.";
  }

  // ---- strips -----------------------------------------------------------------------------
  function drawStrips(f) {
    const host = $("strips");
    host.hidden = !data.strips.length;
    host.replaceChildren();
    for (const strip of data.strips) {
      const figure = document.createElement("figure"), box = document.createElement("div"), caption = document.createElement("figcaption");
      box.className = "drawing";
      figure.append(box, caption);
      host.append(figure);
      drawStrip(strip, f, box, caption);
    }
  }
  function drawStrip(strip, f, box, caption) {
    const now = f.values[strip.name], q = f.strips && f.strips[strip.name];
    const [root, width] = svg(box, 124, `Exact distribution of ${strip.name}` + (now === undefined ? "" : `; now ${strip.discrete ? Math.round(now) : short(now)}`));
    const { values, exact, discrete } = strip, left = 10, right = width - 10, base = 92, top = 20;
    const pad = discrete ? 0.5 * (values[1] - values[0] || 1) : 0;
    const lo = values[0] - pad, hi = values[values.length - 1] + pad, sx = (v) => left + ((v - lo) / (hi - lo)) * (right - left);
    const most = Math.max(...exact, ...(q || []).filter(isFinite).map((p) => Math.min(p, 2 * Math.max(...exact)))), sy = (p) => base - (Math.min(p, most) / most) * (base - top - 8);
    const each = (right - left) / values.length;
    if (discrete) {
      values.forEach((v, i) => root.append(el("rect", { x: sx(v) - each * 0.36, y: sy(exact[i]), width: each * 0.72, height: base - sy(exact[i]), style: "fill:var(--fill-50);stroke:var(--exact)", "stroke-width": 0.8 })));
      if (q) {
        root.append(...cased("M" + values.map((v, i) => `${sx(v).toFixed(1)} ${sy(q[i]).toFixed(1)}`).join("L"), colour(run), 1.4, DASH.cavi));
        root.append(el("path", { d: values.map((v, i) => marker(run.method, sx(v), sy(q[i]), 4)).join(""), style: `fill:${colour(run)};stroke:var(--paper)`, "stroke-width": 1.2 }));
      }
    } else {
      const line = (p) => "M" + values.map((v, i) => `${sx(v).toFixed(1)} ${sy(p[i]).toFixed(1)}`).join("L");
      root.append(el("path", { d: line(exact) + `V${base}H${sx(values[0])}Z`, style: "fill:var(--fill-90);stroke:none" }));
      root.append(el("path", { d: line(exact), fill: "none", style: "stroke:var(--exact)", "stroke-width": 1.5 }));
      if (q) root.append(...cased(line(q), colour(run), 2, DASH.cavi));
    }
    root.append(el("line", { x1: left, x2: right, y1: base, y2: base, style: "stroke:var(--edge)" }));
    if (!hasQ(f)) {
      const seen = new Map();
      for (const g of run.frames.slice(0, index + 1)) {
        const v = g.values[strip.name], key = discrete ? v : Math.round((v - lo) / (hi - lo) * 60) / 60 * (hi - lo) + lo;
        seen.set(key, (seen.get(key) || 0) + 1);
      }
      const largest = Math.max(...seen.values());
      for (const [v, n] of seen) if (v >= lo && v <= hi) root.append(el("rect", { x: sx(v) - Math.min(each * 0.36, 4), y: base + 1, width: Math.min(each * 0.72, 8), height: 2 + (10 * n) / largest, style: `fill:${colour(run)}` }));
    }
    const step = Math.ceil(values.length / Math.max(3, Math.floor(width / 70)));
    const ticks = discrete ? values.filter((_, i) => i % step === 0) : ticksBetween(lo, hi, 5);
    for (const tick of ticks) root.append(text(sx(tick), 120, discrete ? String(tick) : plain(tick), { "text-anchor": "middle" }));
    if (now !== undefined && now !== null) {
      const x = Math.min(Math.max(sx(now), left), right), off = now < lo ? "◂ " : now > hi ? " ▸" : "";
      root.append(el("path", { d: `M${x - 6} ${top - 10}h12L${x} ${top}z`, style: "fill:var(--ink)" }));
      const value = discrete ? String(Math.round(now)) : short(now);
      const words = now < lo ? off + value : value + off;
      root.append(text(x + (x > width - 60 ? -10 : 10), top - 2, words, { class: "strong", "text-anchor": x > width - 60 ? "end" : "start" }));
    }
    caption.textContent = strip.label + (strip.unit && strip.unit !== "year" ? `, ${strip.unit}` : "") + ": " + (discrete ? "bars" : "line and fill") + ", exact; " + (hasQ(f) ? (q ? "dashed, q; " : "") + "caret, the mean of q." : "below the line, visits; caret, now.");
  }

  // ---- the conditional and the trace ------------------------------------------------------
  function drawConditional(f) {
    const box = $("conditional"), c = f.conditional;
    $("conditional-figure").hidden = !c;
    box.replaceChildren();
    if (!c) return;
    const parameters = Object.entries(c.parameters).map(([k, v]) => `${k} ${v.map((x) => short(x, 4)).join(", ")}`).join("; ");
    const role = f.kind === "update" ? "at the expected statistics of" : "given";
    $("conditional-caption").textContent = `Complete conditional of ${f.block} ${role} ${f.given}: ${c.family}` + (parameters ? `, ${parameters}.` : ".") + (c.shape ? " It is the dashed ring in the plane." : c.strip ? " Its probabilities are below." : "");
    if (c.curve) return drawCurve(box, c.curve, f);
    if (c.strip) drawBars(box, data.strips.find((s) => s.name === c.strip.of), c.strip.heights, f);
  }
  function drawCurve(box, { of, lo, hi, pdf }, f) {
    const [root, width] = svg(box, 96, `Density of ${of} from ${short(lo)} to ${short(hi)}`);
    const axis = [data.plane.x, data.plane.y].find((a) => a.name === of), log = axis && axis.scale === "log", scale = log ? Math.log : (t) => t;
    const left = 10, right = width - 10, base = 74, sx = (v) => left + ((scale(v) - scale(lo)) / (scale(hi) - scale(lo))) * (right - left);
    const line = "M" + pdf.map((p, i) => `${(left + (i / (pdf.length - 1)) * (right - left)).toFixed(1)} ${(base - (p / 99) * 60).toFixed(1)}`).join("L");
    root.append(el("path", { d: line, fill: "none", style: `stroke:${colour(run)}`, "stroke-width": 2, "stroke-dasharray": DASH[run.method] || null }));
    root.append(el("line", { x1: left, x2: right, y1: base, y2: base, style: "stroke:var(--edge)" }));
    const ticks = log ? [0.001, 0.01, 0.1, 1, 10, 100, 1000].filter((t) => t > lo && t < hi) : ticksBetween(lo, hi, 4);
    for (const tick of ticks) root.append(text(sx(tick), base + 16, plain(tick), { "text-anchor": "middle" }));
    const now = f.kind === "update" ? undefined : f.values[of];
    if (now !== undefined && now >= lo && now <= hi) root.append(el("circle", { cx: sx(now), cy: base, r: 5, style: "fill:var(--ink);stroke:var(--paper)", "stroke-width": 1.5 }));
  }
  function drawBars(box, strip, p, f) {
    const [root, width] = svg(box, 96, `Probabilities of ${strip.name}`), { values } = strip;
    const left = 10, right = width - 10, base = 74, most = Math.max(...p), each = (right - left) / values.length;
    const at = (i) => left + (i + 0.5) * each;
    if (strip.discrete) p.forEach((v, i) => root.append(el("rect", { x: at(i) - each * 0.36, y: base - (v / most) * 60, width: each * 0.72, height: (v / most) * 60, style: `fill:${colour(run)}` })));
    else root.append(el("path", { d: "M" + p.map((v, i) => `${at(i)} ${base - (v / most) * 60}`).join("L"), fill: "none", style: `stroke:${colour(run)}`, "stroke-width": 2 }));
    root.append(el("line", { x1: left, x2: right, y1: base, y2: base, style: "stroke:var(--edge)" }));
    const step = Math.ceil(values.length / 5), [lo, hi] = [values[0], values[values.length - 1]];
    if (strip.discrete) values.forEach((v, i) => { if (i % step === 0) root.append(text(at(i), base + 16, String(v), { "text-anchor": "middle" })); });
    else for (const tick of ticksBetween(lo, hi, 4)) root.append(text(at((tick - lo) / (hi - lo) * (values.length - 1)), base + 16, plain(tick), { "text-anchor": "middle" }));
    const where = values.indexOf(f.values[strip.name]);
    if (where >= 0) root.append(el("circle", { cx: at(where), cy: base, r: 5, style: "fill:var(--ink);stroke:var(--paper)", "stroke-width": 1.5 }));
  }
  function drawTrace(f) {
    const bound = run.frames.some((g) => g.elbo !== undefined);
    const name = data.plane ? data.plane.x.name : (data.strips[0] || {}).name, truth = data.exact[name];
    const of = (g) => (bound ? num(g.elbo) : g.values[name]);
    const points = run.frames.map((g) => [g.n, of(g)]).filter(([, v]) => v !== null && v !== undefined && isFinite(v));
    if (!points.length) return $("trace").replaceChildren();
    const most = run.frames[run.frames.length - 1].n, log = most > 150 && bound;
    const [root, width] = svg($("trace"), 132, bound ? "The ELBO after each update" : `${name} after each update`);
    const left = 52, right = width - 10, top = 10, bottom = 108;
    let ys = points.map(([, v]) => v);
    if (bound && evidence !== null) ys = [...ys, evidence];
    if (!bound && truth) ys = [...ys, truth.q05, truth.q95];
    const lo = Math.min(...ys), hi = Math.max(...ys), room = 0.06 * (hi - lo || 1);
    const sx = (n) => left + (log ? Math.log(n) / Math.log(most) : (n - 1) / Math.max(most - 1, 1)) * (right - left);
    const sy = (v) => bottom - ((v - lo + room) / (hi - lo + 2 * room)) * (bottom - top);
    if (!bound && truth) {
      for (const [a, b, fill] of [["q05", "q95", "var(--fill-90)"], ["q25", "q75", "var(--fill-50)"]]) root.append(el("rect", { x: left, y: sy(truth[b]), width: right - left, height: sy(truth[a]) - sy(truth[b]), style: `fill:${fill}` }));
      root.append(el("line", { x1: left, x2: right, y1: sy(truth.mean), y2: sy(truth.mean), style: "stroke:var(--exact)" }));
    }
    if (bound && evidence !== null) root.append(el("line", { x1: left, x2: right, y1: sy(evidence), y2: sy(evidence), style: "stroke:var(--exact)", "stroke-width": 2 }));
    for (const tick of ticksBetween(lo, hi, 3)) root.append(text(left - 6, sy(tick) + 4, plain(tick), { "text-anchor": "end" }));
    const line = "M" + points.map(([n, v]) => `${sx(n).toFixed(1)} ${sy(v).toFixed(1)}`).join("L");
    root.append(...cased(line, colour(run), 1.5));
    if (bound) root.append(el("path", { d: points.map(([n, v]) => marker(run.method, sx(n), sy(v), 2.5)).join(""), style: `fill:${colour(run)}` }));
    root.append(el("line", { x1: sx(f.n), x2: sx(f.n), y1: top, y2: bottom, style: "stroke:var(--ink)", "stroke-width": 1.5 }));
    const value = of(f);
    if (value !== null && value !== undefined && isFinite(value)) root.append(el("circle", { cx: sx(f.n), cy: sy(value), r: 4.5, style: "fill:var(--ink);stroke:var(--paper)", "stroke-width": 1.5 }));
    const marks = log ? [1, 10, 100, 1000].filter((t) => t <= most) : ticksBetween(1, most, 4);
    for (const tick of marks) root.append(text(sx(tick), bottom + 18, tick, { "text-anchor": "middle" }));
    $("trace-caption").textContent = bound ? `The ELBO over updates${log ? " (log)" : ""}; the line above is log p(x), which it never passes.` : `${name} over updates, on its exact mean and the bands that hold 50 and 90 %.`;
  }

  // ---- all numbers ------------------------------------------------------------------------
  function drawNumbers(f) {
    const body = $("numbers").querySelector("tbody");
    body.replaceChildren();
    if (!$("numbers").open) return;
    for (const [key, value] of Object.entries(f)) {
      const row = body.insertRow(), head = document.createElement("th");
      head.scope = "row";
      head.textContent = key;
      row.append(head);
      row.insertCell().textContent = typeof value === "string" ? value : JSON.stringify(value);
    }
  }

  // ---- showing a frame --------------------------------------------------------------------
  function draw() {
    const f = frame();
    if (!f) return;
    $("say").textContent = f.say;
    const slider = $("slider");
    slider.max = run.frames.length - 1;
    slider.value = index;
    slider.setAttribute("aria-valuetext", f.say);
    $("position").textContent = `${f.n} of ${run.updates.toLocaleString("en-US")}`;
    for (const panel of [drawPlane, drawAccount, drawStrips, drawConditional, drawTrace, drawNumbers]) panel(f);
    for (const id of ["back", "first"]) $(id).setAttribute("aria-disabled", index === 0);
    for (const id of ["forward", "last"]) $(id).setAttribute("aria-disabled", index === run.frames.length - 1);
  }
  function show(to, spoken = true) {
    index = Math.min(Math.max(to, 0), run.frames.length - 1);
    $("notice").hidden = true;
    draw();
    remember();
    if (spoken && document.activeElement !== $("slider") && timer === null) speak(frame().say);
  }
  // speaks what the slider does not say itself, once, when all is quiet
  function speak(words) {
    clearTimeout(speakLater);
    $("status").textContent = "";
    speakLater = setTimeout(() => { $("status").textContent = words; }, 500);
  }
  function remember() {
    clearTimeout(writeLater);
    const wait = Math.max(0, written + 300 - Date.now());
    writeLater = setTimeout(() => {
      written = Date.now();
      try { history.replaceState(null, "", `#${run.id}/${frame().n}`); } catch { /* sandboxed: the page goes on */ }
    }, wait);
  }
  function choose(next, at) {
    if (!next.applies) {
      $("reason").textContent = next.reason;
      $("reason").hidden = false;
      speak(next.reason);
      return;
    }
    stop();
    run = next;
    for (const button of $("methods").children) button.setAttribute("aria-pressed", button.value === run.id);
    $("reason").hidden = true;
    $("player").dataset.method = run.method;
    $("made-how").textContent = `${run.label}: ${run.shown}. ` + Object.entries(run.settings).map(([k, v]) => `${k.replace("_", " ")} ${typeof v === "number" ? plain(v) : v}`).join(", ") + `. Made by ${data.made.command} with vi_lab ${data.made.vi_lab}.`;
    show(at === undefined ? firstWhole(run) : at);
  }
  function readLink() {
    let words = "";
    const raw = location.hash.slice(1);
    try { words = decodeURIComponent(raw); } catch { words = "?"; }
    if (!raw || raw === "player") return false;
    const [id, n, ...more] = words.split("/");
    const found = runs.find((r) => r.id === id && r.frames.length);
    const known = found && !more.length && (n === undefined || (/^\d+$/.test(n) && +n >= 1 && +n <= found.updates));
    if (!known) {
      choose(found || run, 0);
      $("notice").textContent = "This link names an update that is not in this file.";
      $("notice").hidden = false;
      return true;
    }
    if (n === undefined) { choose(found); return true; }
    let nearest = 0;
    found.frames.forEach((f, i) => { if (Math.abs(f.n - n) < Math.abs(found.frames[nearest].n - n)) nearest = i; });
    choose(found, nearest);
    return true;
  }

  // ---- hands ------------------------------------------------------------------------------
  function stop(spoken = true) {
    if (timer === null) return;
    clearInterval(timer);
    timer = null;
    $("play").textContent = "Play";
    if (spoken) speak(frame().say);
  }
  function play() {
    if (timer !== null) return stop();
    if (index === run.frames.length - 1) index = -1;
    $("play").textContent = "Pause";
    $("status").textContent = "";
    clearTimeout(speakLater);
    timer = setInterval(() => {
      show(index + 1, false);
      if (index === run.frames.length - 1) stop();
    }, 1000 / Number($("speed").value));
  }
  function sweepAway(sign) {
    const blocks = new Set(run.frames.map((f) => f.block)).size, far = frame().sweep === null ? 10 : blocks;
    const goal = frame().n + sign * far;
    let to = index;
    while (to + sign >= 0 && to + sign < run.frames.length && (run.frames[to].n - goal) * sign < 0) to += sign;
    return to;
  }
  const KEYS = {
    ArrowLeft: (e) => (e.shiftKey ? sweepAway(-1) : index - 1), ArrowRight: (e) => (e.shiftKey ? sweepAway(1) : index + 1),
    PageUp: () => index - 10, PageDown: () => index + 10, Home: () => 0, End: () => run.frames.length - 1,
  };
  $("player").addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const target = event.target, name = target.tagName;
    if (name === "SELECT") return;
    const playing = timer !== null, pressed = name === "BUTTON" || name === "SUMMARY";
    if (playing && event.key !== "Tab" && !(target.id === "play" && (event.key === " " || event.key === "Enter"))) stop(!(event.key in KEYS));
    if (event.key in KEYS && target.className !== "wide") show(KEYS[event.key](event));
    else if (event.key === " " && !pressed) { if (!playing) play(); }
    else if (/^[1-9]$/.test(event.key) && runs[event.key - 1]) choose(runs[event.key - 1]);
    else return;
    event.preventDefault();
  });
  $("slider").addEventListener("input", (event) => { stop(false); show(Number(event.target.value), false); });
  const buttons = { first: () => 0, back: () => index - 1, forward: () => index + 1, last: () => run.frames.length - 1 };
  for (const [id, to] of Object.entries(buttons)) $(id).addEventListener("click", () => { stop(); show(to()); });
  $("play").addEventListener("click", play);
  $("speed").addEventListener("change", () => { if (timer !== null) { stop(); play(); } });
  $("copy").addEventListener("click", async () => {
    const link = location.href.replace(/#.*/, "") + `#${run.id}/${frame().n}`;
    try {
      await navigator.clipboard.writeText(link);
      $("copy").textContent = "Link copied";
    } catch {
      $("notice").textContent = `The link to this update: ${link}`;
      $("notice").hidden = false;
    }
    speak("Link copied");
  });
  $("numbers").addEventListener("toggle", () => drawNumbers(frame()));
  document.addEventListener("visibilitychange", () => { if (document.hidden) stop(); });
  window.addEventListener("hashchange", readLink);
  window.addEventListener("beforeprint", () => { for (const d of document.querySelectorAll("details")) d.open = true; });

  for (const one of runs) {
    const button = document.createElement("button");
    button.type = "button";
    button.value = one.id;
    // on a phone the initials of a long name
    const initials = one.label.length > 12 ? one.label.replace(/[^A-Z]/g, "") : "";
    button.append(swatch(one));
    for (const [name, words] of initials ? [["full", one.label], ["brief", initials]] : [["", one.label]]) {
      const span = document.createElement("span");
      span.className = name;
      span.textContent = words;
      if (name === "brief") span.setAttribute("aria-hidden", "true");
      button.append(span);
    }
    if (!one.applies) { button.setAttribute("aria-disabled", "true"); button.title = one.reason; }
    button.addEventListener("click", () => choose(one));
    $("methods").append(button);
  }
  $("player").hidden = false;
  if (!runs.some((r) => r.frames.length)) {
    $("say").textContent = runs[0].reason;
    return;
  }
  if (!readLink()) choose(runs.find((r) => r.id === "cavi" && r.frames.length) || run);
  clearTimeout(speakLater);
  let width = document.documentElement.clientWidth;
  new ResizeObserver(() => {
    if (document.documentElement.clientWidth !== width) { width = document.documentElement.clientWidth; draw(); }
  }).observe(document.documentElement);
})();
