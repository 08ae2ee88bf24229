using System.Text;
using Tars.Base;
using Tars.Bundle.Wasm;
using Tars.Lang.Checking;
using Tars.Lang.Diagnostics;
using Tars.Tests.Engine;
using Tars.Tests.Support;

namespace Tars.Tests.Lang.Errors;

/// <summary>What the author of a program is told, as text: the one place that knows how a program is checked.</summary>
internal static class Messages
{
    /// <summary>Each message with its place, the line that it is about, and the mend.</summary>
    public static string Of(string program)
    {
        var source = new SourceText("program.tars", program);
        var text = new StringBuilder();
        foreach (Diagnostic one in ModuleChecker.Check(source, new Itself(source)).Diagnostics)
        {
            LinePosition at = source.PositionOf(one.Span.Start);
            string kind = one.Severity == Severity.Warning ? " warning:" : "";
            text.Append(at).Append(' ').Append(one.Code).Append(kind).Append(' ').Append(one.Title).Append('\n');
            text.Append("  | ").Append(Short(source.LineText(at.Line).Trim())).Append('\n');
            text.Append("  = ").Append(one.Hint).Append('\n');
        }

        return text.Length == 0 ? "nothing to say\n" : text.ToString();
    }

    private static string Short(string line) => line.Length <= 100 ? line : $"{line[..100]}…";

    /// <summary>The version that scenarios of wrong programs begin with.</summary>
    private const string Old = """
        tars: 1
        module: m
        version: 1.0.0
        summary: An earlier version.
        state:
          n: int = 0
          total: int = 0
        handlers:
          timer tick:
            do: |
              n += 1
              total += n
          ask get:
            with: { id: int }
            returns: int
            do: |
              return total + id

        """;

    private const string Fast = """
        tars: 1
        module: fast
        version: 1.0.0
        summary: Works in WebAssembly.
        code: wasm
        constants:
          most: int = 9
        handlers:
          ask sum:
            with: { a: int, b: int }
            returns: int

        """;

    /// <summary>A module finds itself as `./self.tars`, an earlier version as `./old.tars`, an interface, and some
    /// files of WebAssembly.</summary>
    private sealed class Itself(SourceText source) : IModuleSource
    {
        public SourceText? Open(SourceText from, string path) => path switch
        {
            "./self.tars" => source,
            "./old.tars" => new SourceText("old.tars", Old),
            "./fast.tars" => new SourceText("fast.tars", Fast),
            _ => null,
        };

        public ReadOnlyMemory<byte>? OpenCode(SourceText from, string path) => path switch
        {
            "./guest.wasm" => ModuleEncoder.Encode(EchoGuest.Module()),
            "./other.wasm" => (byte[])[.. ModuleEncoder.Encode(EchoGuest.Module()), 0, 2, 1, (byte)'x'],
            "./empty.wasm" => Array.Empty<byte>(),
            "./cut.wasm" => ModuleEncoder.Encode(EchoGuest.Module()).AsMemory(0, 100),
            "./bare.wasm" => "\0asm\u0001\0\0\0"u8.ToArray(),
            "./wasi.wasm" => File.ReadAllBytes(RepoRoot.File("samples/wasi/wordcount.wasm")),
            _ => default(ReadOnlyMemory<byte>?),
        };

        public LoadFile? OpenLoad(SourceText from, string path) => path switch
        {
            "./day.log" => new LoadFile.Found(new CheckedLoad("day.log", "TARSLOG1"u8.ToArray())),
            "./text.log" => new LoadFile.Refused("is no recording of a run"),
            _ => null,
        };
    }
}
