/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "vir-object.h"
#include "vir-xdr.h"

/** One call being served; the server defines it. */
typedef struct VirCall VirCall;
/** The handlers of a driver, one member per call procedure: vir-ops.h, generated. */
typedef struct VirOps VirOps;

typedef enum {
    VIR_PROC_CALL,
    VIR_PROC_EVENT,
} VirProcKind;

/** What a call does to the strand of its object. */
typedef enum {
    VIR_PROC_JOB_NONE,   /* answered at once on the main thread from a published view */
    VIR_PROC_JOB_QUERY,  /* waits for something outside, changes nothing */
    VIR_PROC_JOB_MODIFY, /* changes the object */
    VIR_PROC_JOB_LONG,   /* begins an operation */
    VIR_PROC_JOB_URGENT, /* cancels the running job's wait and goes before everything queued */
} VirProcJob;

typedef enum {
    VIR_PROC_STREAM_NONE,
    VIR_PROC_STREAM_READ,  /* server to client */
    VIR_PROC_STREAM_WRITE, /* client to server */
} VirProcStream;

enum {
    VIR_PROC_FDS_CALL = 1 << 0,
    VIR_PROC_FDS_REPLY = 1 << 1,
};

/**
 * A condition on the arguments: holds where the unsigned int at @offset (-1: no condition, always
 * holds) has one of the bits @mask (or equals it where @equals is set); @negate turns it round.
 */
typedef struct {
    gint32 offset;
    guint32 mask;
    gboolean equals;
    gboolean negate;
} VirProcWhen;

/** The permission @name of class @klass is needed where @when holds. */
typedef struct {
    VirClass klass;
    const char *name;
    VirProcWhen when;
} VirProcAcl;

/**
 * An object handle in the arguments (its first member that is one; after callbackID in an event).
 * All offsets are from the start of the arguments; -1 where the handle has no such member. The
 * object to look up is of class @klass: the domain of a snapshot, the pool of a volume, the network
 * of a port; the handle itself is of class @handle, @sub is its name within that object.
 */
typedef struct {
    VirClass handle; /* VIR_CLASS_CONNECT: there is none */
    VirClass klass;
    gint32 offset;   /* of the handle structure */
    gint32 name;     /* char * */
    gint32 uuid;     /* 16 bytes */
    gint32 id;       /* int */
    gint32 sub;      /* char *: name of the snapshot, checkpoint, volume */
    gint32 sub_uuid; /* 16 bytes: of the network port */
} VirProcHandle;

typedef struct VirProgram VirProgram;

/** A row of the IDL. */
typedef struct {
    const VirProgram *program;
    gint32 number;
    VirProcKind kind;
    const char *name;       /* "domain_get_xml_desc": the member of VirOps */
    const char *api;        /* "virDomainGetXMLDesc" or NULL */
    const VirXdrType *args; /* of the call or event; NULL: void */
    const VirXdrType *ret;  /* NULL: void */
    gint32 op;              /* offset in VirOps, -1: none */
    VirClass klass;         /* whose daemon owns it */
    VirProcHandle handle;
    gint32 flags;        /* offset of `flags` in the arguments, -1: none */
    gboolean flags_wide; /* `flags` is unsigned hyper, not unsigned int */
    VirProcJob job;
    gboolean high_priority;
    gboolean readonly;           /* allowed on read-only connections … */
    VirProcWhen readonly_unless; /* … unless this holds (offset -1: always allowed) */
    gboolean no_auth;            /* allowed before authentication */
    VirProcStream stream;
    guint32 sparse_flag; /* holes may be sent where flags have this bit; 0: never */
    guint fds;           /* VIR_PROC_FDS_* */
    const VirProcAcl *acl;
    guint n_acl;
    const VirProcAcl *acl_filter; /* for each object of the answer; NULL: none */
    int event_id;                 /* VIR_DOMAIN_EVENT_ID_* …; -1: none */
    gint32 callback_id;           /* offset of `int callbackID` in args, -1: none */
    gint32 event_msg; /* offset of the nested *_msg without callbackID, -1: not nested */
} VirProc;

struct VirProgram {
    guint32 number;
    guint32 version;
    const char *name; /* "remote" */
    const VirProc
        *procs; /* procs[i].number == i; number 0 and holes have kind CALL and name NULL */
    gint32 n_procs;
};

/** All programs, NULL terminated. */
extern const VirProgram *const vir_programs[];

/** NULL where the number is unknown. */
const VirProgram *vir_program_find(guint32 number);

/** NULL where @number is unknown. */
const VirProc *vir_program_proc(const VirProgram *program, gint32 number);

/** Whether @when holds for @args; TRUE without condition. */
gboolean vir_proc_when(const VirProcWhen *when, const void *args);

/** The `flags` of @args, 0 where the procedure has none. */
guint64 vir_proc_flags(const VirProc *proc, const void *args);
