"""Lists as tables: sorted, filtered, paged, all of it remembered in the address, and saved as a file exactly as filtered.

A text that is searched for among people's names stands in the session and never in an address.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from server import audit
from server.facts import fold_name
from server.imports import export
from server.pages import access, collating, picking, shown
from server.pages.services import services
from server.pages.words import tr

PAGE_ROWS = 50
# More than anybody reads or a spreadsheet shows with pleasure; the page says so where a list is longer.
MOST = 20_000
MOST_SIGNS = 80
FORMS = ("csv", "xlsx")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# The act in the audit.
SAVED = "export_list"
_PIECE = 64 * 1024
Row = Mapping[str, Any]
Cell = str | int


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: `name` in the address, what of a row is saved and searched, what it is sorted by (else as readers look up).

    `sorts` is False where an order would say nothing, `listed` where the column stands in the file only.
    """

    name: str
    heading: str
    text: Callable[[Row], Cell]
    by: Callable[[Row], Any] | None = None
    sorts: bool = True
    listed: bool = True
    number: bool = False


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A filter of few words: the row's own code must be the one chosen. `of` is None where the database has filtered.

    `first`: what is chosen before anybody chose, with `every` as the word in the address for no choice.
    """

    name: str
    label: str
    options: Sequence[tuple[str, str]]
    blank: str
    of: Callable[[Row], str] | None = None
    first: str = ""
    every: str = ""

    @property
    def typed(self) -> bool:
        """Is it too long for a menu?"""
        return picking.long(self.options)


@dataclass(frozen=True, kw_only=True)
class Table:
    """A list's columns and filters. `personal`: its text filter may hold a name or a number, so it never stands in an address.

    `find`: the label of the text filter; empty for none. `kept`: further words of the address that this list goes on with.
    `whole`: all rows on one page, for a list that is printed and carried along. `most`: rows that a file or a sort here takes;
    `rows`: of a page.
    """

    name: str
    columns: Sequence[Column]
    choices: Sequence[Choice] = ()
    find: str = ""
    personal: bool = False
    kept: Sequence[str] = ()
    whole: bool = False
    most: int = MOST
    rows: int = PAGE_ROWS


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What somebody wants to see of a table: order, page (from 1), choices, the text looked for, the form to save it in."""

    sort: str = ""
    down: bool = False
    page: int = 1
    chosen: Mapping[str, str] = field(default_factory=dict)
    # Of a list too long for a menu: what was typed and is no one entry, and what to say of it.
    missed: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    find: str = ""
    save: str = ""
    rows: int = PAGE_ROWS

    @property
    def limit(self) -> int:
        """How many rows a database is asked for."""
        return MOST if self.save else self.rows

    @property
    def offset(self) -> int:
        """From which row on."""
        return 0 if self.save else (self.page - 1) * self.rows


@dataclass(frozen=True, kw_only=True)
class Head:
    """A heading: its words, the address that sorts by it, and how the table is sorted by it now."""

    text: str
    url: str
    order: str
    number: bool


@dataclass(frozen=True, kw_only=True)
class View:
    """The rows to show or save, of `total` that fit, and the addresses around them.

    `fitting`: all rows that fit, of every page, where they were filtered here.
    """

    table: Table
    asked: Asked
    rows: Sequence[Any]
    total: int
    fitting: Sequence[Any] = ()

    @property
    def last(self) -> int:
        """The last page's number."""
        return 1 if self.table.whole else -(-self.total // self.table.rows) or 1

    @property
    def cut(self) -> bool:
        """Are there more rows than a file or a sort here takes?"""
        return self.total >= self.table.most

    @property
    def narrowed(self) -> bool:
        """Was anything chosen or looked for?"""
        first = {choice.name: choice.first for choice in self.table.choices}
        return bool(self.asked.find) or any(self.asked.chosen[name] != first[name] for name in first)

    @property
    def heads(self) -> list[Head]:
        """The row of headings."""
        return [self._head(column) for column in self.table.columns if column.listed]

    @property
    def orders(self) -> list[tuple[str, str]]:
        """What a narrow screen, which has no headings, offers to sort by."""
        return [(column.name, tr(column.heading)) for column in self.table.columns if column.sorts and column.listed]

    def at(self, **changes: Any) -> str:
        """This list's address with some words of it changed; an empty one goes."""
        asked = self.asked
        held: dict[str, Any] = {name: request.args.get(name, "") for name in self.table.kept}
        for choice in self.table.choices:
            value = asked.chosen[choice.name]
            held[choice.name] = "" if value == choice.first else value or choice.every
        if not self.table.personal:
            held["find"] = asked.find
        held["sort"] = ("-" if asked.down else "") + asked.sort
        held["page"] = asked.page if asked.page > 1 else ""
        words = {name: word for name, word in {**held, **changes}.items() if word not in ("", None)}
        return url_for(str(request.endpoint), **{**(request.view_args or {}), **words})

    @property
    def said(self) -> list[tuple[str, str]]:
        """What this list was narrowed and sorted by, for paper, where no filter is seen: label and word."""
        asked, found = self.asked, []
        if asked.find:
            found.append((tr(self.table.find), asked.find))
        for choice in self.table.choices:
            found += [(tr(choice.label), text) for code, text in choice.options if code == asked.chosen[choice.name]]
        orders = dict(self.orders)
        if asked.sort in orders:
            found.append((tr("Sorted by"), orders[asked.sort]))
        return found

    @property
    def emptied(self) -> str:
        """The address of the list with nothing chosen."""
        kept = {name: request.args.get(name) for name in self.table.kept if request.args.get(name)}
        return url_for(str(request.endpoint), **{**(request.view_args or {}), **kept})

    def _head(self, column: Column) -> Head:
        here = column.name == self.asked.sort
        again = "-" if here and not self.asked.down else ""
        return Head(
            text=tr(column.heading), number=column.number,
            url=self.at(sort=again + column.name, page="") if column.sorts else "",
            order=("descending" if self.asked.down else "ascending") if here else "",
        )  # fmt: skip


def ask(table: Table) -> Asked:
    """What the address and, for a personal text, the session say. An unknown word counts as none."""
    words = request.args
    sort = words.get("sort", "")
    sorts = {column.name for column in table.columns if column.sorts}
    chosen, missed = {}, {}
    for choice in table.choices:
        said = words.get(choice.name, choice.first).strip()
        options = dict(choice.options)
        if said and said not in options and choice.typed:
            typed = said
            said, fault = picking.pick(typed, options)
            if fault:
                missed[choice.name] = (typed, fault)
        chosen[choice.name] = said if said in options else ""
    kept = access.recall().get("find", {}).get(table.name, "") if table.personal else words.get("find", "")
    save = words.get("save", "")
    return Asked(
        sort=sort.removeprefix("-") if sort.removeprefix("-") in sorts else "",
        down=sort.startswith("-"),
        # A number beyond this is no page, and no database counts so far.
        page=min(max(1, words.get("page", 1, type=int)), MOST),
        chosen=chosen,
        missed=missed,
        find=str(kept).strip()[:MOST_SIGNS] if table.find else "",
        save=save if save in FORMS else "",
        rows=table.rows,
    )


def show(table: Table, asked: Asked, rows: Iterable[Any]) -> View:
    """The page of `rows` (all that are in somebody's care, in the list's own order) that was asked for; all pages to save."""
    found = [row for row in rows if _fits(table, asked, row)]
    column = next((column for column in table.columns if column.name == asked.sort), None)
    if column is not None:
        found.sort(key=lambda row: _order(column, row), reverse=asked.down)
    page = found[:MOST] if table.whole else found[asked.offset : asked.offset + asked.limit]
    return View(table=table, asked=asked, rows=page, total=len(found), fitting=found)


def slice_of(table: Table, asked: Asked, rows: Sequence[Any], *, total: int) -> View:
    """A view of rows that a database has filtered, sorted and cut already."""
    return View(table=table, asked=asked, rows=rows, total=total)


def remember(table: Table) -> AnyResponse:
    """Keep the text of a sent form for this session, and go back to the list as it was filtered."""
    text = request.form.get("find", "").strip()[:MOST_SIGNS]
    held = access.recall()
    access.keep({**held, "find": {**held.get("find", {}), table.name: text}})
    return redirect(
        View(table=table, asked=ask(table), rows=(), total=0).at(page="", sort=request.args.get("sort")), 303
    )


def save(view: View) -> Response:
    """The rows as a file, noted in the audit: CSV or a workbook, no cell of which is a formula."""
    parts, table = services(), view.table
    with parts.db.write() as conn:
        audit.note(
            conn,
            at=parts.clock.wall_ms(),
            account=access.staff().login,
            act=SAVED,
            object=f"{table.name} {len(view.rows)}",
        )
    lines: list[list[Cell]] = [[tr(column.heading) for column in table.columns]]
    lines += [[column.text(row) for column in table.columns] for row in view.rows]
    return as_file(lines, form=view.asked.save, name=f"tram-{table.name}-{shown.today()}", sheet=tr("List"))


def as_file(lines: Iterable[Sequence[Cell]], *, form: str, name: str, sheet: str) -> Response:
    """Lines as a file to save: `csv`, else a workbook."""
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it
    if form == "csv":
        for piece in export.as_csv(lines):
            file.write(piece)
        ending, kind = "csv", "text/csv"
    else:
        export.as_xlsx(lines, file, sheet=sheet)
        ending, kind = "xlsx", XLSX
    file.seek(0)
    answer = Response(_pieces(file), mimetype=kind)
    answer.headers["Content-Disposition"] = f"attachment; filename={name}.{ending}"
    answer.call_on_close(file.close)
    return answer


def words_of(table: Mapping[str, str]) -> list[tuple[str, str]]:
    """A table of words as the options of a choice, in the reader's language."""
    return [(code, tr(text)) for code, text in table.items()]


def _fits(table: Table, asked: Asked, row: Row) -> bool:
    for choice in table.choices:
        wanted = asked.chosen[choice.name]
        if wanted and choice.of is not None and choice.of(row) != wanted:
            return False
    wanted = fold_name(asked.find)
    return not wanted or any(wanted in fold_name(str(column.text(row))) for column in table.columns)


def _order(column: Column, row: Row) -> Any:
    if column.by is not None:
        return column.by(row)
    text = column.text(row)
    return text if isinstance(text, int) else collating.key(text)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece
