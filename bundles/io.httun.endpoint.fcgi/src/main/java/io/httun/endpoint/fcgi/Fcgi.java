// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.fcgi;

/** The numbers of the FastCGI specification, version 1, section 8. */
final class Fcgi {
    static final int VERSION = 1;
    static final int HEADER_LENGTH = 8;
    static final int MAX_CONTENT = 0xffff;
    static final int NULL_REQUEST_ID = 0;

    static final int BEGIN_REQUEST = 1;
    static final int ABORT_REQUEST = 2;
    static final int END_REQUEST = 3;
    static final int PARAMS = 4;
    static final int STDIN = 5;
    static final int STDOUT = 6;
    static final int GET_VALUES = 9;
    static final int GET_VALUES_RESULT = 10;
    static final int UNKNOWN_TYPE = 11;

    static final int RESPONDER = 1;
    static final int KEEP_CONN = 1;

    static final int REQUEST_COMPLETE = 0;
    static final int UNKNOWN_ROLE = 3;

    private Fcgi() {}
}
