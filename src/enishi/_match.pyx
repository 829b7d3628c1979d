# distutils: language = c++
# cython: boundscheck=False, wraparound=False
"""Similar names within blocks."""

import numpy

from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.pycapsule cimport PyCapsule_GetPointer
from libc.stdint cimport int64_t, uint32_t
from libcpp.vector cimport vector

from enishi._normalize cimport ArrowArray, ArrowSchema, TextColumn


cdef extern from "enishi/jaro_winkler.hpp" namespace "enishi" nogil:
    cdef cppclass SimilarPairs:
        vector[uint32_t] left
        vector[uint32_t] right
        vector[double] similarity

    cdef cppclass SimilarNames:
        SimilarNames(double) except +
        void block(const TextColumn &, int64_t, int64_t, SimilarPairs &) except +


def similar_names(texts, const int64_t[::1] block_ends, double cutoff):
    """Pairs of names of one block whose Jaro-Winkler similarity reaches a cutoff.

    Parameters
    ----------
    texts : object with ``__arrow_c_array__``
        One contiguous array of text; null and empty names are similar to none.
    block_ends : int64 array
        The blocks stand one after the other; where each ends, ascending, the last at the end of the texts.
    cutoff : float
        Above 0, up to 1; compared in double precision.

    Returns
    -------
    left, right : uint32 arrays
        Rows, the smaller one left; by block, left and right row.
    similarity : float64 array
        Prefix weight 0.1 where Jaro exceeds 0.7, as in RapidFuzz.

    Examples
    --------
    >>> import numpy as np, pyarrow as pa
    >>> names = pa.array(["satou hanako", "sato hanako", "tanaka taro", "tanaka tarou"])
    >>> left, right, similarity = similar_names(names, np.array([2, 4]), 0.92)
    >>> left.tolist(), right.tolist(), similarity.round(3).tolist()
    ([0, 2], [1, 3], [0.983, 0.983])
    """
    capsules = texts.__arrow_c_array__()
    cdef ArrowSchema *schema = <ArrowSchema *>PyCapsule_GetPointer(capsules[0], "arrow_schema")
    cdef ArrowArray *array = <ArrowArray *>PyCapsule_GetPointer(capsules[1], "arrow_array")
    cdef TextColumn column = TextColumn(schema[0], array[0])
    if not 0 < cutoff <= 1:
        raise ValueError("cutoff needs to be above 0 and at most 1")
    if column.length() >= 0xFFFFFFFF:
        raise ValueError("more names than a 32-bit number counts")
    cdef Py_ssize_t i
    cdef int64_t begin = 0
    for i in range(block_ends.shape[0]):
        if block_ends[i] < begin:
            raise ValueError("block_ends need to ascend")
        begin = block_ends[i]
    if begin != column.length():
        raise ValueError("the last block needs to end where the texts end")
    cdef SimilarPairs found
    cdef SimilarNames *names = new SimilarNames(cutoff)
    try:
        with nogil:
            begin = 0
            for i in range(block_ends.shape[0]):
                names.block(column, begin, block_ends[i], found)
                begin = block_ends[i]
    finally:
        del names
    return (_copy(found.left.data(), found.left.size(), "u4"), _copy(found.right.data(), found.right.size(), "u4"),
            _copy(found.similarity.data(), found.similarity.size(), "f8"))


cdef object _copy(const void *data, size_t count, object dtype):
    dtype = numpy.dtype(dtype)
    return numpy.frombuffer(PyBytes_FromStringAndSize(<const char *>data, count * dtype.itemsize), dtype)
