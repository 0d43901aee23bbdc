"""The tiny model for the explorer's own tests."""

from tests.tiny_home import tiny_checkpoint as tiny_checkpoint
from tests.tiny_home import tiny_home as tiny_home
