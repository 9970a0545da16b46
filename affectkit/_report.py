"""reports/index.html: a card for each run of a lesson. One file, nothing loaded from afar, light and dark."""

import base64
from html import escape

STYLE = """
:root { color-scheme: light dark; --page: #f6f5f1; --card: #fff; --ink: #22252b; --soft: #646a76;
  --line: #e2e0d8; --accent: #0b6e8f; --ok: #1d7a4b; --ok-back: #e2f3e8; --bad: #b3261e; --bad-back: #fbe6e3;
  --old: #7a5a00; --old-back: #fbf0cf; }
@media (prefers-color-scheme: dark) { :root { --page: #15171b; --card: #1f2228; --ink: #e8e9ec;
  --soft: #a0a6b2; --line: #343841; --accent: #6cc4e0; --ok: #83d7a8; --ok-back: #17382a; --bad: #ffb4a9;
  --bad-back: #4a1c18; --old: #f0d288; --old-back: #40350f; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 2.5rem clamp(1rem, 4vw, 4rem) 4rem; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
header, main, footer { max-width: 84rem; margin: 0 auto; }
h1 { margin: 0; font-size: 2rem; letter-spacing: -.02em; }
header p { margin: .3rem 0 2rem; color: var(--soft); }
header b { color: var(--ink); }
main { display: grid; gap: 1.5rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 36rem), 1fr));
  align-items: start; }
article { background: var(--card); border: 1px solid var(--line); border-radius: 14px; overflow: hidden; }
article:has(h2 a:focus-visible), article:hover { border-color: var(--accent); }
.picture { display: block; height: 17rem; background: #fff; border-bottom: 1px solid var(--line);
  text-decoration: none; }
.picture img { width: 100%; height: 100%; object-fit: contain; padding: .6rem; display: block; }
.picture:has(span) { height: 8rem; }
.picture span { display: grid; place-items: center; height: 100%; background: var(--card);
  color: var(--line); font-size: 5rem; font-weight: 700; }
.text { padding: 1.1rem 1.3rem 1.3rem; }
h2 { margin: 0 0 .5rem; font-size: 1.12rem; line-height: 1.35; text-wrap: balance; }
a { color: var(--accent); }
h2 a { color: inherit; text-decoration: none; }
h2 a:hover { text-decoration: underline; }
.facts { display: flex; flex-wrap: wrap; gap: .35rem .8rem; align-items: center; margin: 0;
  color: var(--soft); font-size: .88rem; font-variant-numeric: tabular-nums; }
.tag { border-radius: 99px; padding: .05rem .65rem; font-weight: 600; }
.ok { color: var(--ok); background: var(--ok-back); }
.failed { color: var(--bad); background: var(--bad-back); }
.old { color: var(--old); background: var(--old-back); }
.error, .remark { margin: .8rem 0 0; padding: .55rem .8rem; border-radius: 8px; font-size: .88rem;
  overflow-wrap: anywhere; }
.error { color: var(--bad); background: var(--bad-back); font-family: ui-monospace, monospace; }
.remark { color: var(--old); background: var(--old-back); }
.scroll { overflow: auto; max-height: 26rem; margin-top: .9rem; }
table { border-collapse: collapse; width: 100%; font-size: .82rem; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .4rem; border-top: 1px solid var(--line); text-align: right; white-space: nowrap; }
th { color: var(--soft); font-weight: 500; border-top: 0; }
th:first-child, td:first-child { text-align: left; white-space: normal; min-width: 8.5rem; padding-left: 0; }
th:last-child, td:last-child { padding-right: 0; }
td b { font-weight: 650; }
footer { margin-top: 2rem; color: var(--soft); font-size: .88rem; }
"""


def page(states, reports):
    """The page as a str.

    Parameters
    ----------
    states : list of dict
        What `affectkit.run` keeps of each slot, with ``current`` (bool) and ``remarks`` (list of str).
    reports : Path
        Where the slots' pictures lie, in state/.
    """
    failed = sum(state["status"] != "ok" for state in states)
    seconds = sum(state["seconds"] for state in states)
    verdict = _tag("failed", f"{failed} failed") if failed else _tag("ok", "all well")
    names = {state["notebook"] for state in states}
    count = f"{_count(len(states), 'run')} of {_count(len(names), 'lesson')}"
    last = max((state["finished"] for state in states if state["finished"]), default="")
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>affectkit: lessons run</title>
<style>{STYLE}</style>
</head>
<body>
<header>
<h1>affectkit lessons</h1>
<p>{verdict} <b>{count}</b> in {_time(seconds)} of running{f", the last on {_date(last)}" if last else ""}</p>
</header>
<main>
{"".join(_card(state, reports) for state in states)}
</main>
<footer>All key figures: <a href="results.json">results.json</a>. A figure from a twin is a simulation's:
it says how a method behaves, not how well it does on people.</footer>
</body>
</html>
"""


def _card(state, reports):
    report, title = escape(f"{state['slot']}.html"), escape(state["title"])
    picture = _picture(state, reports)
    if (reports / f"{state['slot']}.html").is_file():
        title = f'<a href="{report}">{title}</a>'
        picture = f'<a class="picture" href="{report}" tabindex="-1">{picture}</a>'
    else:  # its process was killed before it could leave one
        picture = f'<div class="picture">{picture}</div>'
    facts = [_tag("ok" if state["status"] == "ok" else "failed", state["status"])]
    if state["status"] == "ok" and not state["current"]:
        facts.append(_tag("old", "outdated", "lesson, package, libraries or data have changed since"))
    facts.append(f"<span>{_time(state['seconds'])}</span>")
    if state["peak_rss_mb"]:
        facts.append(f"<span>{state['peak_rss_mb'] / 1000:.2f} GB peak</span>")
    facts += [f"<span>{name.lower()} {escape(str(value))}</span>" for name, value in
              state["parameters"].items()]
    notes = "".join(f'<p class="remark">{escape(remark)}</p>' for remark in state["remarks"])
    if state["error"]:
        notes = f'<p class="error">{escape(state["error"])}</p>' + notes
    return f"""<article>
{picture}
<div class="text">
<h2>{title}</h2>
<p class="facts">{"".join(facts)}</p>
{notes}{_table(state["records"])}
</div>
</article>
"""


def _tag(kind, text, title=""):
    return f'<span class="tag {kind}" title="{title}">{text}</span>'


def _count(n, noun):
    return f"{n} {noun}{'' if n == 1 else 's'}"


def _picture(state, reports):
    path = reports / "state" / f"{state['slot']}.png"
    if not path.is_file():
        return f"<span>{escape(state['notebook'][:2])}</span>"
    return (f'<img alt="The main figure of {escape(state["title"])}" '
            f'src="data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()}">')


def _table(records):
    if not records:
        return ""
    rows = "".join(
        f"<tr><td>{escape(r['name'])}</td><td><b>{_number(r['value'])}</b>{_unit(r['unit'])}</td>"
        f"<td>{_interval(r)}</td><td>{_number(r['n'])}</td><td>{escape(r['source'] or '–')}</td>"
        f"<td>{_number(r['seed'])}</td><td>{escape(r['profile'] or '–')}</td></tr>" for r in records)
    heads = "".join(f"<th>{head}</th>" for head in
                    ("key figure", "value", "interval", "n", "source", "seed", "profile"))
    return (f'<div class="scroll"><table><thead><tr>{heads}</tr></thead>'
            f"<tbody>{rows}</tbody></table></div>")


def _interval(record):
    return "–" if record["low"] is None else f"{_number(record['low'])} to {_number(record['high'])}"


def _number(value):
    """A whole number in full, any other with three digits; a dash for none."""
    if value is None:
        return "–"
    if isinstance(value, int) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:#.3g}".removesuffix(".")


def _unit(unit):
    return f" {escape(unit)}" if unit else ""


def _time(seconds):
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _date(stamp):
    return stamp.replace("T", " ").removesuffix("+00:00") + " UTC"
