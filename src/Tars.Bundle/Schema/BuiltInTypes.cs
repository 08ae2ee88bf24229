using System.Collections.Immutable;

namespace Tars.Bundle.Schema;

/// <summary>
/// The records and variants that every module knows without declaring them (docs/language.md, types).
/// </summary>
public static class BuiltInTypes
{
    public static SchemaType.Variant FailureKind { get; } = Cases(
        "FailureKind", "timeout", "refused", "gone", "crashed", "denied", "unavailable", "malformed");

    public static SchemaType.Record Failure { get; } = new(
        "Failure", [new("kind", FailureKind), new("detail", new SchemaType.Text())]);

    public static SchemaType.Variant ExitReason { get; } = Cases("ExitReason", "done", "failed", "stopped");

    public static SchemaType.Record Request { get; } = new(
        "Request",
        [
            new("method", new SchemaType.Text()),
            new("path", new SchemaType.Text()),
            new("query", TextMap()),
            new("headers", TextMap()),
            new("body", new SchemaType.Bytes()),
        ]);

    public static SchemaType.Record Response { get; } = new(
        "Response",
        [
            new("status", new SchemaType.Int()),
            new("headers", TextMap(), HasDefault: true, Default: [0, 0, 0, 0]),
            new("body", new SchemaType.Bytes(), HasDefault: true, Default: [0, 0, 0, 0]),
        ]);

    public static SchemaType.Record BlockInfo { get; } = new(
        "BlockInfo", [new("sector_size", new SchemaType.Int()), new("sectors", new SchemaType.Int())]);

    /// <summary>What the kernel says of an effect that it did not carry out.</summary>
    public static SchemaType.Record Refusal { get; } = new(
        "Refusal",
        [
            new("effect", new SchemaType.Text()),
            new("target", new SchemaType.Text()),
            new("reason", new SchemaType.Text()),
        ]);

    /// <summary>What stands in a folder; `other` are pipes, sockets and devices.</summary>
    public static SchemaType.Variant FileKind { get; } = Cases("FileKind", "file", "folder", "link", "other");

    /// <summary>One name in a folder; what is no file has size 0.</summary>
    public static SchemaType.Record FileEntry { get; } = new(
        "FileEntry",
        [
            new("name", new SchemaType.Text()),
            new("kind", FileKind),
            new("size", new SchemaType.Int()),
        ]);

    /// <summary>What comes from connections. The number of one is no other's in the same run.</summary>
    public static SchemaType.Variant TcpEvent { get; } = new(
        "TcpEvent",
        [
            new("opened", [new("connection", new SchemaType.Int()), new("peer", new SchemaType.Text())]),
            new("data", [new("connection", new SchemaType.Int()), new("octets", new SchemaType.Bytes())]),
            new("closed", [new("connection", new SchemaType.Int()), new("reason", new SchemaType.Text())]),
        ]);

    /// <summary>One datagram, whole.</summary>
    public static SchemaType.Record Datagram { get; } = new(
        "Datagram", [new("from", new SchemaType.Text()), new("octets", new SchemaType.Bytes())]);

    public static SchemaType.Record Ready { get; } = new(
        "Ready",
        [
            new("process", new SchemaType.Int()),
            new("priority", new SchemaType.Int()),
            new("waiting", new SchemaType.Duration()),
            new("deadline", new SchemaType.Optional(new SchemaType.Instant()), HasDefault: true, Default: [0]),
        ]);

    public static SchemaType.Record Choice { get; } = new(
        "Choice", [new("process", new SchemaType.Int()), new("fuel", new SchemaType.Int())]);

    public static SchemaType.Variant Activity { get; } = Cases(
        "Activity", "idle", "ready", "running", "asking", "blocked", "swapping");

    /// <summary>What an `introspect` device says of a process. A number of 0 is nobody.</summary>
    public static SchemaType.Record ProcessInfo { get; } = new(
        "ProcessInfo",
        [
            new("process", new SchemaType.Int()),
            new("module", new SchemaType.Text()),
            new("agent", new SchemaType.Text()),
            new("parent", new SchemaType.Int()),
            new("activity", Activity),
            new("waits_for", new SchemaType.Int()),
            new("device", new SchemaType.Text()),
            new("waiting", new SchemaType.Int()),
            new("outgoing", new SchemaType.Int()),
            new("memory", new SchemaType.Int()),
            new("fuel", new SchemaType.Int()),
            new("traps", new SchemaType.Int()),
            new("restarts", new SchemaType.Int()),
        ]);

    /// <summary>Visible everywhere.</summary>
    public static ImmutableArray<SchemaType> Everywhere { get; } =
        [FailureKind, Failure, ExitReason, Request, Response, BlockInfo, Refusal];

    /// <summary>Visible to users of the interfaces that they belong to; each after those that it is made of.</summary>
    public static ImmutableArray<SchemaType> OfInterfaces { get; } =
        [Ready, Choice, Activity, ProcessInfo, FileKind, FileEntry, TcpEvent, Datagram];

    /// <summary>What an <c>exit AGENT as NAME</c> handler binds.</summary>
    public static SchemaType.Record Exit(string agent) => new(
        "Exit",
        [
            new("child", new SchemaType.Ref(agent)),
            new("reason", ExitReason),
            new("detail", new SchemaType.Text()),
        ]);

    private static SchemaType.Map TextMap() => new(new SchemaType.Text(), new SchemaType.Text());

    private static SchemaType.Variant Cases(string name, params string[] cases) =>
        new(name, [.. cases.Select(one => new SchemaCase(one, []))]);
}
