"""What the explorer shows of an answer: blocks that a page lays out and a script changes one by one."""

from framsyn.web.explorer.results.block import LATER, NOW, Block, blocks, piece_of, pieces

__all__ = ["LATER", "NOW", "Block", "blocks", "piece_of", "pieces"]
