"""Parts of a message that is longer than its receiver takes. apprise would part it within a word or a sign of HTML."""


def split_text(text: str, *, characters: int) -> list[str]:
    r"""``text`` in parts of at most so many characters, between lines; a line that is longer than that is cut.

    >>> split_text("one\ntwo\nthree", characters=7)
    ['one\ntwo', 'three']
    >>> split_text("four five", characters=5)
    ['four ', 'five']
    """
    lines = [line[at : at + characters] for line in text.split("\n") for at in range(0, max(1, len(line)), characters)]
    parts: list[str] = []
    for line in lines:
        if parts and len(parts[-1]) + 1 + len(line) <= characters:
            parts[-1] += f"\n{line}"
        else:
            parts.append(line)
    return parts
