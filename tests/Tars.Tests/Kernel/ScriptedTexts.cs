using Tars.Base;

namespace Tars.Tests.Kernel;

/// <summary>What scripted handlers read out of payloads.</summary>
internal static class ScriptedTexts
{
    public static long Number(this ScriptedEvent happened) => new ByteReader(happened.Payload).I64();

    /// <summary>A `text?`: null for none.</summary>
    public static string? Line(this ScriptedEvent happened)
    {
        var reader = new ByteReader(happened.Payload);
        return reader.U8() == 0 ? null : reader.Text();
    }

    /// <summary>An answer: the value's octets, or the kind of the failure.</summary>
    public static string Answer(this ScriptedEvent happened)
    {
        var reader = new ByteReader(happened.Payload);
        return reader.U8() == 0
            ? $"value {reader.I64()}"
            : $"failure {Tars.Bundle.Schema.BuiltInTypes.FailureKind.Cases[reader.U16()].Name}: {reader.Text()}";
    }
}
