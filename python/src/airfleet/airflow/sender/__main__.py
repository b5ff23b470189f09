from airfleet.airflow.sender.process import main

main()
