using System.Text;
using Dapper;

namespace Fairlead.Accounts.Keys;

/// <summary>The part of an UPDATE that a <see cref="KeyChange"/> stands for: only the columns it names.</summary>
internal static class KeyAssignments
{
    /// <returns>Assignments, each followed by a comma, and their values.</returns>
    public static (string Assignments, DynamicParameters Values) Of(KeyChange change)
    {
        var assignments = new StringBuilder();
        var values = new DynamicParameters();
        Set("name", change.Name is not null, change.Name);
        Set("disabled", change.Disabled is not null, Flag(change.Disabled));
        Set("include_byok_in_limit", change.IncludeByokInLimit is not null, Flag(change.IncludeByokInLimit));
        Set("spend_limit", change.Limit is not null, change.Limit?.Value?.PicoDollars);
        Set("limit_reset", change.Reset is not null, (int?)change.Reset);
        Set("rpm", change.Rpm is not null, change.Rpm?.Value);
        Set("tpm", change.Tpm is not null, change.Tpm?.Value);
        Set("concurrency", change.Concurrency is not null, change.Concurrency?.Value);
        return (assignments.ToString(), values);

        void Set<T>(string column, bool given, T value)
        {
            if (given)
            {
                assignments.Append(column).Append(" = @").Append(column).Append(", ");
                values.Add(column, value);
            }
        }
    }

    // Flags are numbers on either engine.
    private static int Flag(bool? value) => value is true ? 1 : 0;
}
