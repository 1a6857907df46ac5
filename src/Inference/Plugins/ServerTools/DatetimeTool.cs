using System.Globalization;
using System.Text.Json;
using Tools = Fairlead.Protocols.Canonical.ServerTools;

namespace Fairlead.Inference.Plugins.ServerTools;

/// <summary><c>openrouter:datetime</c>: the time, in the zone the model names, else the caller's, else UTC.</summary>
internal sealed class DatetimeTool(TimeZoneInfo zone) : ServerTool(Tools.Datetime, null)
{
    public static DatetimeTool Read(PluginOptions options)
    {
        if (options.Text("timezone", 100) is not { } name)
            return new DatetimeTool(TimeZoneInfo.Utc);
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone))
            options.Fail("timezone", "is not the name of a time zone in the IANA database, such as Europe/Zurich");
        return new DatetimeTool(zone ?? TimeZoneInfo.Utc);
    }

    protected override ValueTask<string> RunAsync(PluginCall call, JsonElement arguments)
    {
        var asked = zone;
        if (Text(arguments, "timezone") is { } name && !TimeZoneInfo.TryFindSystemTimeZoneById(name, out asked))
            return new(Error("There is no time zone of that name in the IANA database."));
        var now = TimeZoneInfo.ConvertTime(call.Context.Time.GetUtcNow(), asked!);
        return new(Json(writer =>
        {
            writer.WriteString("datetime"u8, now.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture));
            writer.WriteString("timezone"u8, asked!.Id);
        }));
    }
}
