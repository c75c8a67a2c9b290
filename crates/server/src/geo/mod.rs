//! Administrative units that change with time: a unit is its code and the day it became valid (DESIGN §8).
