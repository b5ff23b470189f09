"""The seed's way: each step hands pandas records to the next as JSON, and to_sql loads them. usage: DATA WORK URL."""

import json
import sys
import time

import pandas as pd
from sqlalchemy import create_engine

data, work, url = sys.argv[1:4]
handed_over = 0
began = time.perf_counter()


def hand(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Rows as an XCom has them between two tasks."""
    global handed_over
    frame = frame.copy()
    for column in frame.columns:
        if str(frame[column].dtype).startswith("datetime"):
            frame[column] = frame[column].astype(str)
    text = json.dumps(frame.to_dict(orient="records"))
    handed_over += len(text)
    path = f"{work}-{name}.json"
    with open(path, "w") as file:
        file.write(text)
    del frame, text
    with open(path) as file:
        records = json.load(file)
    made = pd.DataFrame(records)
    if "ts" in made:
        made["ts"] = pd.to_datetime(made["ts"])
    return made


rows = hand(pd.read_csv(f"{data}/orders.csv", parse_dates=["ts"]), "extract")
rows = hand(rows[(rows.amount > 200) & (rows.qty >= 2)], "filter")
customers = pd.read_csv(f"{data}/customers.csv")
rows = hand(rows.merge(customers[customers.active], on="customer_id"), "join")
rows["total"] = rows.amount * rows.qty
groups = rows.groupby(["country", "category", "segment"], as_index=False)
summary = hand(groups.agg(n=("id", "count"), total=("total", "sum"), avg=("amount", "mean")), "group")
engine = create_engine(url.replace("postgresql://", "postgresql+psycopg2://"))
rows.to_sql("orders_detail", engine, if_exists="replace", index=False, chunksize=10000)
summary.to_sql("orders_agg", engine, if_exists="replace", index=False)
ms = (time.perf_counter() - began) * 1000
print(json.dumps({"ms": ms, "rows": len(rows), "handedOver": handed_over}))
