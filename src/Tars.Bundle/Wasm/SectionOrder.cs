namespace Tars.Bundle.Wasm;

/// <summary>The order of sections in a file, which is not that of their numbers.</summary>
internal static class SectionOrder
{
    public static ReadOnlySpan<SectionId> All =>
    [
        SectionId.Type,
        SectionId.Import,
        SectionId.Function,
        SectionId.Table,
        SectionId.Memory,
        SectionId.Global,
        SectionId.Export,
        SectionId.Start,
        SectionId.Element,
        SectionId.DataCount,
        SectionId.Code,
        SectionId.Data,
    ];

    public static int PlaceOf(SectionId id) => All.IndexOf(id);
}
