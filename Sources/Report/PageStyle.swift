/// How the page looks around its figures.
enum PageStyle {
  static let rules = """
    *{box-sizing:border-box}
    body{margin:0 auto;max-width:88rem;padding:0 1rem 4rem;background:var(--ground);\
    color:var(--ink);font:16px/1.5 system-ui,'Segoe UI',Roboto,'DejaVu Sans',sans-serif}
    h1{font-size:1.6rem;margin:1.2rem 0 .2rem}
    h2{font-size:1.25rem;margin:0 0 .4rem}
    section{border-top:1px solid var(--grid);padding:1.2rem 0}
    section.task{content-visibility:auto;contain-intrinsic-size:auto 2000px}
    p{max-width:62rem;margin:.4rem 0}
    a{color:inherit}
    a:focus-visible,button:focus-visible,input:focus-visible,select:focus-visible,\
    svg:focus-visible,[tabindex]:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
    fieldset{border:1px solid var(--grid);border-radius:6px;display:flex;flex-wrap:wrap;\
    gap:.2rem 1.2rem}
    label{cursor:pointer}
    .figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,34rem),1fr));\
    gap:1rem 1.5rem}
    figure{margin:0;break-inside:avoid}
    figcaption{font-size:.85rem;color:var(--faint)}
    .scroll{overflow-x:auto}
    figure svg.figure{display:block;width:100%;min-width:30rem;height:auto}
    svg.key{width:1rem;height:1rem;vertical-align:-.1rem}
    .slider{display:flex;flex-wrap:wrap;align-items:center;gap:.2rem .7rem}
    .slider input{width:14rem;accent-color:var(--accent)}
    output{font-weight:600}
    button,select{font:inherit;font-size:.85rem;color:inherit;background:transparent;\
    border:1px solid var(--faint);border-radius:4px;padding:.05rem .45rem;cursor:pointer}
    select{max-width:100%}
    select option{color:var(--ink);background:var(--ground)}
    table{border-collapse:collapse;font-size:.85rem;font-variant-numeric:tabular-nums}
    td,th{padding:.2rem .6rem;text-align:right;border-bottom:1px solid var(--grid);\
    white-space:nowrap}
    th[scope=row],#targets th:first-child,#targets th:nth-child(4),#targets td:nth-child(4),\
    .facts td{text-align:left}
    .scroll.table{border-right:1px solid var(--grid)}
    .further{font-size:.85rem;color:var(--faint)}
    .further::after{content:" →"}
    #targets th:first-child{position:sticky;left:0;background:var(--ground)}
    .facts td{white-space:normal;overflow-wrap:anywhere}
    .facts{margin-top:1rem}
    caption{text-align:left;font-weight:600}
    thead button{border:0;padding:0;font-weight:600}
    th[aria-sort=ascending] button::after{content:" ↑"}
    th[aria-sort=descending] button::after{content:" ↓"}
    tr.chosen,#targets tr.chosen th{\
    background:color-mix(in srgb,var(--accent) 12%,var(--ground))}
    pre{overflow-x:auto;font-size:.8rem;border:1px solid var(--grid);padding:.6rem}
    .mark{cursor:default;outline:none}
    .mark:focus .shape,.mark:focus .hollow,.mark:hover .shape,.mark:hover .hollow{\
    stroke:var(--accent);stroke-width:2.5}
    #tip{position:fixed;z-index:2;max-width:22rem;padding:.25rem .5rem;font-size:.85rem;\
    background:var(--ink);color:var(--ground);border-radius:4px;pointer-events:none}
    [hidden]{display:none!important}
    @media screen and (max-width:40rem){td,th{padding:.2rem .4rem}\
    #targets th:first-child{white-space:normal;min-width:7rem}}
    @media print{html{font-size:10px}body{max-width:none;font-size:1rem}fieldset,.slider,\
    .downloads,.hint,figcaption button,details{display:none}.scroll{overflow:visible}\
    figure svg.figure{min-width:0}.figures{grid-template-columns:1fr 1fr}\
    section.task{content-visibility:visible}td,th{white-space:normal;padding:.1rem .4rem}}
    """
}
