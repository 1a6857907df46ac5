using System.Globalization;
using System.Text.Json;
using Fairlead.Protocols.Canonical;

namespace Fairlead.Protocols.OpenAI.ChatCompletions.Client.Reading;

/// <summary><c>provider.max_price</c>: caps in US dollars, per million tokens and per unit.</summary>
internal static class MaxPriceReader
{
    private enum PriceMember
    {
        Prompt,
        Completion,
        Request,
        Image,
        Audio,
    }

    private static readonly NameTable<PriceMember> PriceMembers = new(
        ("prompt", PriceMember.Prompt), ("completion", PriceMember.Completion), ("request", PriceMember.Request), ("image", PriceMember.Image),
        ("audio", PriceMember.Audio));

    public static bool Read(ref RequestCursor cursor, out MaxPrice? prices)
    {
        prices = null;
        if (!cursor.IsObject())
            return false;
        decimal? prompt = null, completion = null, request = null, image = null, audio = null;
        var seen = default(KeySet);
        while (cursor.NextMember(ref seen, PriceMembers, out var member))
        {
            if (!ReadPrice(ref cursor, out var price))
                return false;
            _ = member switch
            {
                PriceMember.Prompt => prompt = price,
                PriceMember.Completion => completion = price,
                PriceMember.Request => request = price,
                PriceMember.Image => image = price,
                _ => audio = price,
            };
        }

        prices = new MaxPrice(prompt, completion, request, image) { Audio = audio };
        return cursor.Ok;
    }

    /// <summary>A number or a string that holds one. Null is no cap: what no price can reach.</summary>
    private static bool ReadPrice(ref RequestCursor cursor, out decimal? cap)
    {
        var price = 0m;
        var readable = cursor.Kind == JsonTokenType.Number
            ? cursor.TryGetDecimal(out price)
            : cursor.Kind == JsonTokenType.String && decimal.TryParse(cursor.Text(), NumberStyles.Float, CultureInfo.InvariantCulture, out price);
        cap = readable ? price : null;
        return (readable ? price >= 0 : IsHuge(ref cursor)) || cursor.Fail("must be a price in US dollars, as a number or a string that holds one, and not negative");
    }

    /// <summary>More than a decimal holds, and still a number.</summary>
    private static bool IsHuge(ref RequestCursor cursor)
    {
        var real = 0.0;
        return (cursor.Kind == JsonTokenType.Number
                ? cursor.TryGetDouble(out real)
                : cursor.Kind == JsonTokenType.String && double.TryParse(cursor.Text(), NumberStyles.Float, CultureInfo.InvariantCulture, out real))
            && double.IsFinite(real) && real > 0;
    }
}
